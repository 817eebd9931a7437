import type { Json, KvTransaction } from '@tenon/contract'
import type { Kv } from './context.ts'
import { PluginError } from './plugin.ts'

const KEY_BYTES = 256
const PAGE_MAX = 1_000

/** Keys and values over a map that the test sees, refusing and ordering as a host does. */
export function simulatedKv(kept: Map<string, Json>): Kv {
  const holds = (condition: Condition): boolean => {
    const found = kept.get(checked(condition.key))
    if ('absent' in condition) return found === undefined
    return found !== undefined && ordered(found) === ordered(condition.is)
  }
  const transaction = async ({ when = [], changes }: KvTransaction): Promise<boolean> => {
    for (const change of changes) checked('set' in change ? change.set : change.delete)
    if (!when.map(holds).every(Boolean)) return false
    for (const change of changes)
      if ('set' in change) kept.set(change.set, copied(change.value))
      else kept.delete(change.delete)
    return true
  }
  return {
    transaction,
    get: async (key) => copied(kept.get(checked(key))),
    set: async (key, value) => void kept.set(checked(key), copied(value)),
    delete: async (key) => void kept.delete(checked(key)),
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

const copied = <T extends Json | undefined>(value: T): T =>
  value === undefined ? value : JSON.parse(JSON.stringify(value))

/** The same text for values that differ only in the order of their keys. */
const ordered = (value: Json): string =>
  JSON.stringify(value, (_, inner: Json) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => byBytes(left, right)))
      : inner,
  )

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function byBytes(left: string, right: string): number {
  const [a, b] = [bytesOf(left), bytesOf(right)]
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1)
}

function checked(key: string): string {
  const { length } = bytesOf(key)
  if (length > 0 && length <= KEY_BYTES && key.isWellFormed()) return key
  throw new PluginError('STORAGE_VALUE_INVALID', `${JSON.stringify(key.slice(0, 64))} cannot be a key`, {
    hint: `A key has 1 to ${KEY_BYTES} bytes of well-formed text.`,
  })
}
