import type { DatabaseReader } from '@tenon/database'
import type { Written } from './row-store.ts'
import { nameOf, type Place } from './stored-row.ts'

/** The bytes of all rows in a place; with `expiredAt`, of those that have expired by then. */
export function bytesIn(reader: DatabaseReader, { plugin, space }: Place, expiredAt?: number): number {
  const sql = 'SELECT total(bytes) AS bytes FROM plugin_row WHERE plugin = ? AND space = ?'
  const columns = { bytes: 'number' } as const
  const row =
    expiredAt === undefined
      ? reader.get(columns, sql, plugin, space)
      : reader.get(columns, `${sql} AND expires_at <= ?`, plugin, space, expiredAt)
  return row?.bytes ?? 0
}

/** The bytes of places that only this process changes. To count them for each change would read every row. */
export type PlaceTotals = {
  bytes(place: Place, now: number): { stored: number; expired: number }
  /** Of what is on disk from now on; undefined where that is not known. */
  changed(place: Place, written: Written | undefined): void
  clear(): void
}

export function placeTotals(reader: DatabaseReader): PlaceTotals {
  const counted = new Map<string, number>()
  /** Times before which nothing in a place expires. */
  const firstEnds = new Map<string, number>()
  const firstEnd = (place: Place): number => {
    const sql =
      'SELECT min(expires_at) AS end FROM plugin_row WHERE plugin = ? AND space = ? AND expires_at IS NOT NULL'
    return reader.get({ end: 'number?' }, sql, place.plugin, place.space)?.end ?? Infinity
  }
  return {
    bytes(place, now) {
      const name = nameOf(place)
      const stored = known(counted, name, () => bytesIn(reader, place))
      const end = known(firstEnds, name, () => firstEnd(place))
      return { stored, expired: now < end ? 0 : bytesIn(reader, place, now) }
    },
    changed(place, written) {
      const name = nameOf(place)
      const end = firstEnds.get(name)
      counted.delete(name)
      firstEnds.delete(name)
      if (written === undefined) return
      counted.set(name, written.bytes)
      if (end !== undefined && !written.changes.some((change) => 'sweep' in change))
        firstEnds.set(name, Math.min(end, ...endsOf(written)))
    },
    clear() {
      counted.clear()
      firstEnds.clear()
    },
  }
}

function known(numbers: Map<string, number>, name: string, count: () => number): number {
  const number = numbers.get(name) ?? count()
  numbers.set(name, number)
  return number
}

const endsOf = ({ changes }: Written): number[] =>
  changes.flatMap((change) => ('put' in change ? (change.put.expiresAt ?? []) : []))
