import { canonicalJson, type Json, type KvTransaction } from '@tenon/contract'
import type { Lifetime } from './change-set.ts'
import { checkedKey } from './checked-key.ts'

/** What a transaction sees and changes. */
export type KeyValueChanges = {
  get(key: string): Json | undefined
  set(key: string, value: Json, lifetime?: Lifetime): void
  delete(key: string): boolean
}

type Condition = NonNullable<KvTransaction['when']>[number]

/** Makes every change when every condition holds, and says whether they did. */
export function applied(changes: KeyValueChanges, { when = [], changes: wanted }: KvTransaction): boolean {
  for (const change of wanted) checkedKey('set' in change ? change.set : change.delete)
  if (!when.map((condition) => holds(changes, condition)).every(Boolean)) return false
  for (const change of wanted)
    if ('set' in change) changes.set(change.set, change.value, change)
    else changes.delete(change.delete)
  return true
}

/** The transaction that is a comparison with change; undefined stands for a key that is absent. */
export const exchange = (key: string, expected: Json | undefined, next: Json | undefined): KvTransaction => ({
  when: [expected === undefined ? { key, absent: true } : { key, is: expected }],
  changes: [next === undefined ? { delete: key } : { set: key, value: next }],
})

function holds(changes: KeyValueChanges, condition: Condition): boolean {
  const found = changes.get(condition.key)
  if ('absent' in condition) return found === undefined
  return found !== undefined && canonicalJson(found) === canonicalJson(condition.is)
}
