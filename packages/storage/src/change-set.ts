import { assert, canonicalJson, limits, TenonError, type Json } from '@tenon/contract'
import type { Statement } from '@tenon/database'
import { rowStatement, sweepStatement, type RowTable } from './row-table.ts'
import { bytesOf, type Entry, type Place } from './stored-row.ts'

/** How long a value is there; for good without `ttlMs`. */
export type Lifetime = { ttlMs?: number }

/** What a change sees: what is on disk, and on top of it what was changed before. */
export type Draft = {
  get(key: string): Json | undefined
  set(key: string, value: Json, lifetime?: Lifetime): void
  /** Whether the key was there. */
  delete(key: string): boolean
  /** The bytes of all keys and values, as they would be. */
  bytes(): number
}

export type ChangeSet = {
  /** Adds the changes of `work`, or none of them when it throws. */
  attempt<T>(work: (draft: Draft) => T): T
  statements(): Statement[]
  bytes(): number
}

/**
 * Collects changes of the rows in one place, to be written in one go, as of `now`. What has expired by then goes with
 * them. `storedBytes` is what is on disk.
 */
export function changeSet(
  table: RowTable,
  place: Place,
  { now, storedBytes }: { now: number; storedBytes: number },
): ChangeSet {
  /** Undefined where the row is to be deleted. */
  const entries = new Map<string, Entry | undefined>()
  const expiredBytes = table.expiredBytes(now)
  let bytes = storedBytes - expiredBytes
  let undo: (() => void)[] = []

  const currentText = (key: string): string | undefined =>
    entries.has(key) ? entries.get(key)?.text : table.text(key, now)
  const currentBytes = (key: string): number =>
    entries.has(key) ? sizeOf(key, entries.get(key)) : table.rowBytes(key, now)
  const put = (key: string, entry: Entry | undefined): void => {
    const [wasChanged, entryBefore, bytesBefore] = [entries.has(key), entries.get(key), bytes]
    undo.push(() => {
      bytes = bytesBefore
      if (wasChanged) entries.set(key, entryBefore)
      else entries.delete(key)
    })
    bytes += sizeOf(key, entry) - currentBytes(key)
    entries.set(key, entry)
  }
  const draft: Draft = {
    get: (key) => parsed(currentText(key)),
    set: (key, value, lifetime = {}) =>
      put(key, { text: storableText(place, key, value), expiresAt: endOf(key, lifetime, now) }),
    delete(key) {
      if (currentBytes(key) === 0) return false
      put(key, undefined)
      return true
    },
    bytes: () => bytes,
  }
  return {
    bytes: () => bytes,
    statements: () => [
      ...(expiredBytes === 0 ? [] : [sweepStatement(place, now)]),
      ...[...entries].map(([key, entry]) => rowStatement(place, key, entry)),
    ],
    attempt(work) {
      undo = []
      try {
        const result = work(draft)
        assert(!(result instanceof Promise), 'a change is synchronous')
        return result
      } catch (thrown) {
        for (const step of undo.toReversed()) step()
        throw thrown
      }
    },
  }
}

export const parsed = (text: string | undefined): Json | undefined =>
  text === undefined ? undefined : JSON.parse(text)

const sizeOf = (key: string, entry: Entry | undefined): number => (entry === undefined ? 0 : bytesOf(key, entry.text))

export function endOf(key: string, { ttlMs }: Lifetime, now: number): number | undefined {
  if (ttlMs === undefined) return undefined
  if (Number.isInteger(ttlMs) && ttlMs > 0 && ttlMs <= limits.kvTtlMsMax) return now + ttlMs
  throw new TenonError('STORAGE_VALUE_INVALID', `${JSON.stringify(key)} cannot live for ${ttlMs} ms`, {
    hint: `A lifetime has 1 to ${limits.kvTtlMsMax} whole milliseconds.`,
  })
}

export function storableText({ plugin }: Place, key: string, value: Json): string {
  const text = canonicalJson(value)
  const bytes = Buffer.byteLength(text)
  if (bytes <= limits.kvValueBytes) return text
  throw new TenonError(
    'STORAGE_VALUE_INVALID',
    `the value of ${JSON.stringify(key)} of ${plugin} has ${bytes} bytes; ${limits.kvValueBytes} are allowed`,
    { hint: 'Spread it over several keys, or write a file.' },
  )
}
