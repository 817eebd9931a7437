import type { Json, KvTransaction } from '@tenon/contract'
import type { Kv } from './context.ts'
import { copied, ordered } from './json-copy.ts'
import { PluginError } from './plugin.ts'
import type { SimulatedClock } from './simulated-clock.ts'

const KEY_BYTES = 256
const PAGE_MAX = 1_000
const TTL_MS_MAX = 10 * 365 * 24 * 3_600_000

/** Keys and values over a map that the test sees, refusing and ordering as a host does. */
export function simulatedKv(kept: Map<string, Json>, clock: SimulatedClock): Kv {
  const ends = new Map<string, () => void>()
  const holds = (condition: Condition): boolean => {
    const found = kept.get(checked(condition.key))
    if ('absent' in condition) return found === undefined
    return found !== undefined && ordered(found) === ordered(condition.is)
  }
  const put = (change: Change, ttlMs: number | undefined): void => {
    const key = 'set' in change ? change.set : change.delete
    ends.get(key)?.()
    ends.delete(key)
    if ('set' in change) kept.set(key, copied(change.value))
    else kept.delete(key)
    if (ttlMs !== undefined)
      ends.set(
        key,
        clock.after(ttlMs, () => void kept.delete(key)),
      )
  }
  const transaction = async ({ when = [], changes }: KvTransaction): Promise<boolean> => {
    for (const change of changes) checked('set' in change ? change.set : change.delete)
    if (!when.map(holds).every(Boolean)) return false
    const lifetimes = changes.map((change) => ('set' in change ? checkedTtl(change) : undefined))
    for (const [index, change] of changes.entries()) put(change, lifetimes[index])
    return true
  }
  return {
    transaction,
    get: async (key) => copied(kept.get(checked(key))),
    set: async (key, value, lifetime = {}) => void (await transaction({ changes: [{ ...lifetime, set: key, value }] })),
    delete: async (key) => void (await transaction({ changes: [{ delete: key }] })),
    list: async (prefix = '', { limit = PAGE_MAX, after = '' } = {}) =>
      [...kept.keys()]
        .filter((key) => key.startsWith(prefix) && byBytes(key, after) > 0)
        .sort(byBytes)
        .slice(0, Math.min(limit, PAGE_MAX)),
    compareAndSet: (key, expected, next) =>
      transaction({
        when: [expected === undefined ? { key, absent: true } : { key, is: expected }],
        changes: [next === undefined ? { delete: key } : { set: key, value: next }],
      }),
  }
}

type Condition = NonNullable<KvTransaction['when']>[number]
type Change = KvTransaction['changes'][number]

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function byBytes(left: string, right: string): number {
  const [a, b] = [bytesOf(left), bytesOf(right)]
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1)
}

function checkedTtl({ set, ttlMs }: Extract<Change, { set: string }>): number | undefined {
  if (ttlMs === undefined || (Number.isInteger(ttlMs) && ttlMs > 0 && ttlMs <= TTL_MS_MAX)) return ttlMs
  throw new PluginError('STORAGE_VALUE_INVALID', `${JSON.stringify(set)} cannot live for ${ttlMs} ms`, {
    hint: `A lifetime has 1 to ${TTL_MS_MAX} whole milliseconds.`,
  })
}

function checked(key: string): string {
  const { length } = bytesOf(key)
  if (length > 0 && length <= KEY_BYTES && key.isWellFormed()) return key
  throw new PluginError('STORAGE_VALUE_INVALID', `${JSON.stringify(key.slice(0, 64))} cannot be a key`, {
    hint: `A key has 1 to ${KEY_BYTES} bytes of well-formed text.`,
  })
}
