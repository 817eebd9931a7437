import type { Json } from '@tenon/contract'
import { parsed, type Draft } from './change-set.ts'
import { textOf } from './damage.ts'
import type { KeyRange, PlaceStore, RowChange } from './row-store.ts'
import type { Place, StoredRow } from './stored-row.ts'

/** The rows of one place as they would be with changes that nobody else sees, until they are made. */
export type Shadow = {
  store: PlaceStore
  /** How many rows would be others. */
  changed(now: number): Promise<number>
  /** Makes the changes. */
  replay(draft: Draft, now: number): Promise<void>
}

/** Undefined where the row is deleted. */
type Rows = Map<string, StoredRow | undefined>

export function shadowStore(below: PlaceStore, place: Place): Shadow {
  const rows: Rows = new Map()
  /** What the place has more bytes than below, and of them those that come to an end at a time, or have less. */
  let grown = 0
  const endings: { at: number; bytes: number }[] = []

  const count = (row: StoredRow | undefined, sign: 1 | -1): void => {
    if (row === undefined) return
    grown += sign * row.bytes
    if (row.expiresAt !== undefined) endings.push({ at: row.expiresAt, bytes: sign * row.bytes })
  }
  const rowAt = async (key: string): Promise<StoredRow | undefined> =>
    rows.has(key) ? rows.get(key) : below.row(place, key)
  const put = async (key: string, row: StoredRow | undefined): Promise<void> => {
    count(await rowAt(key), -1)
    count(row, 1)
    rows.set(key, row)
  }
  const reads = {
    ...below,
    row: (_place: Place, key: string) => rowAt(key),
    keys: (_place: Place, range: KeyRange, now: number) => keysWith(below, { place, rows }, range, now),
    async bytes(_place: Place, now: number) {
      const { stored, expired } = await below.bytes(place, now)
      const ended = endings.reduce((sum, { at, bytes }) => (at <= now ? sum + bytes : sum), 0)
      return { stored: stored + grown, expired: expired + ended }
    },
  }
  return {
    store: {
      ...reads,
      async change(_place, work) {
        for (const change of (await work(reads)).changes) await applied(change, put)
      },
    },
    async changed(now) {
      let others = 0
      for (const [key, row] of rows) if (row?.text !== textOf(below, await below.row(place, key), now)) others += 1
      return others
    },
    async replay(draft, now) {
      for (const [key, row] of rows)
        if (row === undefined || isOver(row, now)) await draft.delete(key)
        else await draft.set(key, parsed(row.text) as Json, lifetimeOf(row, now))
    },
  }
}

/** What has expired is not shown, so it need not be swept. */
async function applied(
  change: RowChange,
  put: (key: string, row: StoredRow | undefined) => Promise<void>,
): Promise<void> {
  if ('put' in change) await put(change.put.key, change.put)
  else if ('remove' in change) await put(change.remove.key, undefined)
}

const isOver = ({ expiresAt }: StoredRow, now: number): boolean => expiresAt !== undefined && expiresAt <= now

const lifetimeOf = ({ expiresAt }: StoredRow, now: number): { ttlMs?: number } =>
  expiresAt === undefined ? {} : { ttlMs: expiresAt - now }

/** Keys of both, in the order of their bytes. */
async function keysWith(
  below: PlaceStore,
  { place, rows }: { place: Place; rows: Rows },
  { prefix, after, limit }: KeyRange,
  now: number,
): Promise<string[]> {
  const own = [...rows].flatMap(([key, row]) =>
    row !== undefined && !isOver(row, now) && key.startsWith(prefix) && byBytes(key, after) > 0 ? [key] : [],
  )
  const others: string[] = []
  for (let at: string | undefined = after; at !== undefined && others.length < limit; ) {
    const page: string[] = await below.keys(place, { prefix, after: at, limit }, now)
    others.push(...page.filter((key) => !rows.has(key)))
    at = page.at(-1)
  }
  return [...own, ...others].sort(byBytes).slice(0, limit)
}

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right))
