import { canonicalJson, limits, type Json } from '@tenon/contract'
import { endOf, parsed, storableText, type Draft } from './change-set.ts'
import type { Rows } from './plugin-rows.ts'
import type { KeyRange } from './row-table.ts'
import { bytesOf, type Entry, type Place } from './stored-row.ts'

/** Rows as they would be with changes that nobody else sees, until they are made. */
export type ShadowRows = Rows & {
  /** How many rows would be others. */
  changed(): number
  /** Makes the changes. */
  replay(draft: Draft): void
}

/** Undefined where the row is deleted. */
type Entries = Map<string, Entry | undefined>

export function shadowRows(rows: Rows, place: Place, now: () => number): ShadowRows {
  const entries: Entries = new Map()
  let delta = 0
  const textIn = (key: string): string | undefined => textOf(rows.get(key))
  const current = (fresh: Entries, key: string): string | undefined => {
    const layer = [fresh, entries].find((candidate) => candidate.has(key))
    return layer === undefined ? textIn(key) : unexpired(layer.get(key), now())
  }
  const change = async <T>(work: (draft: Draft) => T): Promise<T> => {
    const fresh: Entries = new Map()
    let grown = 0
    const put = (key: string, entry: Entry | undefined): void => {
      grown += sizeOf(key, entry?.text) - sizeOf(key, current(fresh, key))
      fresh.set(key, entry)
    }
    const result = work({
      get: (key) => parsed(current(fresh, key)),
      set: (key, value, lifetime = {}) =>
        put(key, { text: storableText(place, key, value), expiresAt: endOf(key, lifetime, now()) }),
      delete(key) {
        if (current(fresh, key) === undefined) return false
        put(key, undefined)
        return true
      },
      bytes: () => rows.bytes() + delta + grown,
    })
    for (const [key, entry] of fresh) entries.set(key, entry)
    delta += grown
    return result
  }
  return {
    change,
    get: (key) => parsed(current(new Map(), key)),
    keys: (range) => keysWith(rows, entries, range, now()),
    bytes: () => rows.bytes() + delta,
    forget: () => rows.forget(),
    changed: () => [...entries].filter(([key, entry]) => entry?.text !== textIn(key)).length,
    replay(draft) {
      for (const [key, entry] of entries)
        if (entry === undefined || unexpired(entry, now()) === undefined) draft.delete(key)
        else draft.set(key, parsed(entry.text) as Json, lifetimeOf(entry, now()))
    },
  }
}

const textOf = (value: Json | undefined): string | undefined => (value === undefined ? undefined : canonicalJson(value))

const sizeOf = (key: string, text: string | undefined): number => (text === undefined ? 0 : bytesOf(key, text))

const unexpired = (entry: Entry | undefined, now: number): string | undefined =>
  entry?.expiresAt !== undefined && entry.expiresAt <= now ? undefined : entry?.text

const lifetimeOf = ({ expiresAt }: Entry, now: number): { ttlMs?: number } =>
  expiresAt === undefined ? {} : { ttlMs: expiresAt - now }

/** Keys of both, in the order of their bytes. */
function keysWith(rows: Rows, entries: Entries, range: KeyRange, now: number): string[] {
  const { prefix = '', after = '', limit = limits.kvListMax } = range
  const most = Math.min(limit, limits.kvListMax)
  const own = [...entries].flatMap(([key, entry]) =>
    unexpired(entry, now) !== undefined && key.startsWith(prefix) && byBytes(key, after) > 0 ? [key] : [],
  )
  const others: string[] = []
  for (let at: string | undefined = after; at !== undefined && others.length < most; ) {
    const page: string[] = rows.keys({ prefix, after: at })
    others.push(...page.filter((key) => !entries.has(key)))
    at = page.at(-1)
  }
  return [...own, ...others].sort(byBytes).slice(0, most)
}

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right))
