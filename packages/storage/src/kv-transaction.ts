import { canonicalJson, type Json, type KvTransaction } from '@tenon/contract'
import type { Draft } from './change-set.ts'
import { checkedKey } from './checked-key.ts'

/** What a transaction sees and changes. */
export type KeyValueChanges = Pick<Draft, 'get' | 'set' | 'delete'>

type Condition = NonNullable<KvTransaction['when']>[number]

/** Makes every change when every condition holds, and says whether they did. */
export async function applied(
  changes: KeyValueChanges,
  { when = [], changes: wanted }: KvTransaction,
): Promise<boolean> {
  for (const change of wanted) checkedKey('set' in change ? change.set : change.delete)
  const held: boolean[] = []
  for (const condition of when) held.push(await holds(changes, condition))
  if (!held.every(Boolean)) return false
  for (const change of wanted)
    if ('set' in change) await changes.set(change.set, change.value, change)
    else await changes.delete(change.delete)
  return true
}

/** The transaction that is a comparison with change; undefined stands for a key that is absent. */
export const exchange = (key: string, expected: Json | undefined, next: Json | undefined): KvTransaction => ({
  when: [expected === undefined ? { key, absent: true } : { key, is: expected }],
  changes: [next === undefined ? { delete: key } : { set: key, value: next }],
})

async function holds(changes: KeyValueChanges, condition: Condition): Promise<boolean> {
  const found = await changes.get(condition.key)
  if ('absent' in condition) return found === undefined
  return found !== undefined && canonicalJson(found) === canonicalJson(condition.is)
}
