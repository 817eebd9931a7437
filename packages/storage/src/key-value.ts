import { TenonError, type Json, type KvTransaction, type Problem } from '@tenon/contract'
import type { Draft, Lifetime } from './change-set.ts'
import { checkedKey } from './checked-key.ts'
import { applied, exchange, type KeyValueChanges } from './kv-transaction.ts'
import { refuseOtherVersion } from './kv-version.ts'
import type { Rows } from './plugin-rows.ts'
import type { KeyRange } from './row-store.ts'

/** The key-value pairs of one plugin. What changes them settles when it is on disk. */
export type KeyValue = {
  get(key: string): Promise<Json | undefined>
  /** With `ttlMs` the key is there for so many milliseconds only. */
  set(key: string, value: Json, lifetime?: Lifetime): Promise<void>
  /** Whether the key was there. */
  delete(key: string): Promise<boolean>
  /** Keys in the order of their bytes; go on with `after` the last one. */
  list(range?: Partial<KeyRange>): Promise<string[]>
  /** Sets the key when it holds `expected` (undefined: is absent); undefined as `next` deletes it. */
  compareAndSet(key: string, expected: Json | undefined, next: Json | undefined): Promise<boolean>
  /**
   * Makes all changes, in order, when every condition holds, and says whether they did. None is made when one is refused or
   * the quota does not allow them.
   */
  apply(transaction: KvTransaction): Promise<boolean>
  usage(): Promise<{ usedBytes: number; quotaBytes: number }>
}

/**
 * `problems` says what is wrong with a value by the plugin's own rules. With a `version` of their schema, keys that are stored
 * in another are not changed: the plugin itself brings them to its version before it changes any.
 */
export type KeyValueRules = { quotaBytes: number; problems?: (value: Json) => Problem[]; version?: number }

export function keyValueOf(rows: Rows, plugin: string, rules: KeyValueRules): KeyValue {
  const { quotaBytes } = rules
  const transaction = <T>(work: (changes: KeyValueChanges) => Promise<T>): Promise<T> =>
    rows.change(async (draft) => {
      if (rules.version !== undefined) await refuseOtherVersion(draft, plugin, rules.version)
      const before = draft.bytes()
      const result = await work(checked(draft, plugin, rules))
      refuseOverrun({ plugin, before, after: draft.bytes(), quotaBytes })
      return result
    })
  return {
    get: async (key) => rows.get(checkedKey(key)),
    list: async (range = {}) => rows.keys(range),
    usage: async () => ({ usedBytes: await rows.bytes(), quotaBytes }),
    set: (key, value, lifetime) => transaction((changes) => changes.set(key, value, lifetime)),
    delete: (key) => transaction((changes) => changes.delete(key)),
    compareAndSet: (key, expected, next) => transaction((changes) => applied(changes, exchange(key, expected, next))),
    apply: (wanted) => transaction((changes) => applied(changes, wanted)),
  }
}

const checked = (draft: Draft, plugin: string, rules: KeyValueRules): KeyValueChanges => ({
  get: async (key) => draft.get(checkedKey(key)),
  async set(key, value, lifetime) {
    refuseUnfit(plugin, checkedKey(key), rules.problems?.(value) ?? [])
    await draft.set(key, value, lifetime)
  },
  delete: async (key) => draft.delete(checkedKey(key)),
})

const NAMED_MAX = 100

function refuseUnfit(plugin: string, key: string, problems: Problem[]): void {
  const [first] = problems
  if (first === undefined) return
  const where = `at "${first.pointer}": ${first.message}`.slice(0, 500)
  throw new TenonError(
    'STORAGE_VALUE_INVALID',
    `the value of ${JSON.stringify(key)} of ${plugin} is invalid ${where}`,
    {
      hint: 'Store what the schema allows that storage.schema of plugin.spec.json names.',
      problems: problems.slice(0, NAMED_MAX),
    },
  )
}

/** A plugin that is over its quota, because it was lowered, may still make itself smaller. */
function refuseOverrun(use: { plugin: string; before: number; after: number; quotaBytes: number }): void {
  const { plugin, before, after, quotaBytes } = use
  if (after <= quotaBytes || after <= before) return
  throw new TenonError('QUOTA_EXCEEDED', `${plugin} would store ${after} bytes; its quota is ${quotaBytes}`, {
    hint: 'Delete keys, or ask for more with storage.quotaMb in plugin.spec.json.',
    details: { plugin, usedBytes: before, wantedBytes: after, quotaBytes },
  })
}
