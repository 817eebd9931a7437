import { limits } from '@tenon/contract'
import type { RowChange } from './row-store.ts'
import { nameOf, type Place, type StoredRow } from './stored-row.ts'

/**
 * The key-value pairs that were read or written last, as they are on disk; none that ends, for those go without a word. Secrets
 * and configuration are read rarely, and from the disk.
 */
export type RecentRows = {
  at(place: Place, key: string): StoredRow | undefined
  keep(row: StoredRow): void
  /** Follows what was written. */
  changed(changes: readonly RowChange[]): void
  /** Drops the rows of changes of which nobody knows whether they were written. */
  unsettled(changes: readonly RowChange[]): void
  clear(): void
}

export function recentRows(): RecentRows {
  /** In the order of their last use. */
  const rows = new Map<string, StoredRow>()
  let bytes = 0
  const drop = (name: string): void => {
    bytes -= rows.get(name)?.bytes ?? 0
    rows.delete(name)
  }
  const keep = (row: StoredRow): void => {
    const name = nameOfRow(row)
    drop(name)
    if (row.space !== 'kv' || row.expiresAt !== undefined) return
    rows.set(name, row)
    bytes += row.bytes
    for (const oldest of rows.keys()) {
      if (bytes <= limits.recentRowsBytes) return
      drop(oldest)
    }
  }
  const unsettled = (changes: readonly RowChange[]): void => {
    for (const change of changes)
      if ('put' in change) drop(nameOfRow(change.put))
      else if ('remove' in change) drop(nameOfRow(change.remove))
  }
  return {
    keep,
    unsettled,
    at(place, key) {
      const name = nameOfRow({ ...place, key })
      const row = rows.get(name)
      if (row === undefined) return undefined
      rows.delete(name)
      rows.set(name, row)
      return row
    },
    changed(changes) {
      unsettled(changes)
      for (const change of changes) if ('put' in change) keep(change.put)
    },
    clear() {
      rows.clear()
      bytes = 0
    },
  }
}

const nameOfRow = (row: Place & { key: string }): string => `${nameOf(row)} ${row.key}`
