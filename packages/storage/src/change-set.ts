import { canonicalJson, jsonValue, limits, TenonError, type Json } from '@tenon/contract'
import { textOf } from './damage.ts'
import type { RowChange, RowReads, Written } from './row-store.ts'
import { bytesOf, rowOf, type Entry, type Place, type StoredRow } from './stored-row.ts'

/** How long a value is there; for good without `ttlMs`. */
export type Lifetime = { ttlMs?: number }

/** What a change sees: what is on disk, and on top of it what was changed before. */
export type Draft = {
  /** What is on disk, in every place, as it stays until the change is done. */
  readonly stored: RowReads
  get(key: string): Promise<Json | undefined>
  set(key: string, value: Json, lifetime?: Lifetime): Promise<void>
  /** Whether the key was there. */
  delete(key: string): Promise<boolean>
  /** The bytes of all keys and values, as they would be. */
  bytes(): number
}

export type ChangeSet = {
  /** Adds the changes of `work`, or none of them when it throws. One at a time. */
  attempt<T>(work: (draft: Draft) => Promise<T>): Promise<T>
  written(): Written
}

/** Collects changes of the rows in one place, to be written in one go, as of `now`. What has expired by then goes with them. */
export async function changeSet(stored: RowReads, place: Place, now: number): Promise<ChangeSet> {
  const rows = new Map<string, StoredRow | undefined>()
  /** Undefined where the row is to be deleted. */
  const entries = new Map<string, Entry | undefined>()
  const before = await stored.bytes(place, now)
  let bytes = before.stored - before.expired
  let undo: (() => void)[] = []

  const rowAt = async (key: string): Promise<StoredRow | undefined> => {
    if (!rows.has(key)) rows.set(key, await stored.row(place, key))
    return rows.get(key)
  }
  const currentText = async (key: string): Promise<string | undefined> =>
    entries.has(key) ? entries.get(key)?.text : textOf(stored, await rowAt(key), now)
  const currentBytes = async (key: string): Promise<number> =>
    entries.has(key) ? sizeOf(key, entries.get(key)) : unexpiredBytes(await rowAt(key), now)
  const put = async (key: string, entry: Entry | undefined): Promise<void> => {
    const grown = sizeOf(key, entry) - (await currentBytes(key))
    const [wasChanged, entryBefore, bytesBefore] = [entries.has(key), entries.get(key), bytes]
    undo.push(() => {
      bytes = bytesBefore
      if (wasChanged) entries.set(key, entryBefore)
      else entries.delete(key)
    })
    bytes += grown
    entries.set(key, entry)
  }
  const draft: Draft = {
    stored,
    get: async (key) => parsed(await currentText(key)),
    set: async (key, value, lifetime = {}) =>
      put(key, { text: storableText(place, key, value), expiresAt: endOf(key, lifetime, now) }),
    async delete(key) {
      if ((await currentBytes(key)) === 0) return false
      await put(key, undefined)
      return true
    },
    bytes: () => bytes,
  }
  return {
    written: () => ({ changes: [...sweeping(place, before.expired, now), ...changesOf(place, entries)], bytes }),
    async attempt(work) {
      undo = []
      try {
        return await work(draft)
      } catch (thrown) {
        for (const step of undo.toReversed()) step()
        throw thrown
      }
    },
  }
}

const sweeping = (place: Place, expiredBytes: number, now: number): RowChange[] =>
  expiredBytes === 0 ? [] : [{ sweep: place, now }]

const changesOf = (place: Place, entries: ReadonlyMap<string, Entry | undefined>): RowChange[] =>
  [...entries].map(([key, entry]) =>
    entry === undefined ? { remove: { ...place, key } } : { put: rowOf(place, key, entry) },
  )

const unexpiredBytes = (row: StoredRow | undefined, now: number): number =>
  row === undefined || (row.expiresAt !== undefined && row.expiresAt <= now) ? 0 : row.bytes

export const parsed = (text: string | undefined): Json | undefined =>
  text === undefined ? undefined : (jsonValue(text) as Json)

const sizeOf = (key: string, entry: Entry | undefined): number => (entry === undefined ? 0 : bytesOf(key, entry.text))

function endOf(key: string, { ttlMs }: Lifetime, now: number): number | undefined {
  if (ttlMs === undefined) return undefined
  if (Number.isInteger(ttlMs) && ttlMs > 0 && ttlMs <= limits.kvTtlMsMax) return now + ttlMs
  throw new TenonError('STORAGE_VALUE_INVALID', `${JSON.stringify(key)} cannot live for ${ttlMs} ms`, {
    hint: `A lifetime has 1 to ${limits.kvTtlMsMax} whole milliseconds.`,
  })
}

function storableText({ plugin }: Place, key: string, value: Json): string {
  const text = canonicalJson(value)
  const bytes = Buffer.byteLength(text)
  if (bytes <= limits.kvValueBytes) return text
  throw new TenonError(
    'STORAGE_VALUE_INVALID',
    `the value of ${JSON.stringify(key)} of ${plugin} has ${bytes} bytes; ${limits.kvValueBytes} are allowed`,
    { hint: 'Spread it over several keys, or write a file.' },
  )
}
