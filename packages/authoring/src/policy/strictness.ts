import { isDeepStrictEqual } from 'node:util'
import type { PolicyKey, PolicyValue, PolicyValues } from '@tenon/contract/schema'
import { directionOf } from './policy-settings.ts'

/** How values of a direction compare. */
type Strictness<Value> = {
  /** The loosest value that is as strict as both. */
  both(this: void, one: Value, other: Value): Value
  /** Less for what is stricter; equal ranks need not be equal values. */
  rank(this: void, value: Value): number
}

const STRICTNESS: { [Direction in keyof PolicyValues]: Strictness<PolicyValues[Direction]> } = {
  min: { both: Math.max, rank: (value) => -value },
  max: { both: Math.min, rank: (value) => value },
  union: {
    both: (one, other) => [...new Set([...one, ...other])].toSorted(),
    rank: (value) => -value.length,
  },
  intersection: {
    both: (one, other) => one.filter((item) => other.includes(item)),
    rank: (value) => value.length,
  },
  'deny-wins': { both: (one, other) => one && other, rank: Number },
}

export const strictnessOf = <Key extends PolicyKey>(key: Key): Strictness<PolicyValue<Key>> =>
  STRICTNESS[directionOf(key)]

/** Whether one value of a key is at least as strict as another. */
export const isAsStrict = <Key extends PolicyKey>(key: Key, one: PolicyValue<Key>, other: PolicyValue<Key>): boolean =>
  isDeepStrictEqual(strictnessOf(key).both(one, other), one)
