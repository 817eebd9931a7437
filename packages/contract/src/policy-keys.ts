import Type, { type TString } from 'typebox'
import { ISOLATION_GUARANTEES, RUNTIME_KINDS } from './spec-schema.ts'

const text = Type.String({ minLength: 1 })
const amount = Type.Number({ minimum: 0 })
const whether = Type.Boolean()
const set = (items: TString) => Type.Array(items, { uniqueItems: true })
const path = Type.String({ pattern: '^[^/\\\\.][^/\\\\]*(/[^/\\\\.][^/\\\\]*)*$' })
const oneOf = (words: readonly string[]) => Type.String({ enum: [...words] })

/**
 * Every key a policy pack may set: the direction in which it is stricter, the form of its values, and who refuses what
 * breaks it. A key that nothing refuses does not exist.
 */
export const POLICY_KEYS = {
  'capabilities.denied': { direction: 'union', value: set(text), refusedBy: 'gate policy' },
  'capabilities.wildcards': { direction: 'deny-wins', value: whether, refusedBy: 'gate policy' },
  'coverage.lines': { direction: 'min', value: Type.Number({ minimum: 0, maximum: 100 }), refusedBy: 'plugin test' },
  'documents.required': { direction: 'union', value: set(path), refusedBy: 'gate policy' },
  'health.failAfter': { direction: 'max', value: amount, refusedBy: 'gate policy' },
  'health.timeoutMs': { direction: 'max', value: amount, refusedBy: 'gate policy' },
  'isolation.requires': { direction: 'union', value: set(oneOf(ISOLATION_GUARANTEES)), refusedBy: 'gate policy' },
  'licenses.allowed': { direction: 'intersection', value: set(text), refusedBy: 'gate policy' },
  'operation.timeoutMs': { direction: 'max', value: amount, refusedBy: 'gate policy' },
  'performance.p95Ms': { direction: 'max', value: amount, refusedBy: 'gate policy' },
  'probes.programs': { direction: 'intersection', value: set(text), refusedBy: 'gate policy' },
  'retention.days': { direction: 'min', value: amount, refusedBy: 'gates policy and derived' },
  'runs.retentionDays': { direction: 'min', value: amount, refusedBy: 'runs prune' },
  'runtimes.allowed': { direction: 'intersection', value: set(oneOf(RUNTIME_KINDS)), refusedBy: 'gate policy' },
  'sensitive.unauthenticated': { direction: 'deny-wins', value: whether, refusedBy: 'gate policy' },
  'tests.negativePerOperation': { direction: 'min', value: amount, refusedBy: 'gate policy' },
} as const

export type PolicyKey = keyof typeof POLICY_KEYS
/** The values of each direction. */
export type PolicyValues = {
  min: number
  max: number
  union: readonly string[]
  intersection: readonly string[]
  'deny-wins': boolean
}
export type PolicyValue<Key extends PolicyKey = PolicyKey> = PolicyValues[(typeof POLICY_KEYS)[Key]['direction']]

export const isPolicyKey = (key: string): key is PolicyKey => Object.hasOwn(POLICY_KEYS, key)
