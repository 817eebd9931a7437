import { capabilityFault } from '@tenon/contract'
import { POLICY_KEYS, type PolicyKey, type PolicyValue } from '@tenon/contract/schema'

/** What is set for a key, and the line in which that stands. */
export type PolicySetting<Value> = { value: Value; line: number }
export type PolicySettings = { [Key in PolicyKey]?: PolicySetting<PolicyValue<Key>> }

/** The settings of values that were found to have the forms of their keys. */
export const settingsOf = (values: readonly [key: PolicyKey, value: PolicyValue, line: number][]): PolicySettings =>
  Object.fromEntries(values.map(([key, value, line]) => [key, { value: ordered(value), line }]))

/** Lists are sets: no order of them means anything. */
const ordered = (value: PolicyValue): PolicyValue => (Array.isArray(value) ? value.toSorted() : value)

/** What a schema cannot say of a value: a capability that is none would deny nothing. */
export function valueFaults(key: PolicyKey, value: PolicyValue): string[] {
  if (key !== 'capabilities.denied' || !Array.isArray(value)) return []
  return value.flatMap((text: string) => {
    const fault = capabilityFault(text)
    return fault === undefined ? [] : [`"${text}": ${fault}`]
  })
}

export const directionOf = <Key extends PolicyKey>(key: Key): (typeof POLICY_KEYS)[Key]['direction'] =>
  POLICY_KEYS[key].direction
