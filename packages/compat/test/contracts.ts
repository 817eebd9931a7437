import type { Json } from '@tenon/contract'
import { compareContracts, type Change, type Contract } from '@tenon/compat'

export const contract = (parts: Partial<Contract>): Contract => ({
  version: '1.0.0',
  operations: {},
  events: {},
  services: {},
  ...parts,
})

/** What follows for those who send to an operation whose input changed like this. */
export const taken = (old: Json, next: Json): Change[] =>
  compareContracts(contract({ operations: { op: { input: old } } }), contract({ operations: { op: { input: next } } }))

/** What follows for those who read an event that changed like this. */
export const given = (old: Json, next: Json): Change[] =>
  compareContracts(contract({ events: { e: old } }), contract({ events: { e: next } }))

export const object = (
  properties: Record<string, Json>,
  required: string[] = [],
  additionalProperties: Json = false,
): Json => ({
  type: 'object',
  properties,
  required,
  additionalProperties,
})
export const breaking = (where: string, why: string, witness: Json): Change[] => [
  { where, verdict: 'breaking', why, witness },
]
export const fine = (where: string, why: string): Change[] => [{ where, verdict: 'compatible', why }]
export const IN = fine('/operations/op/input', 'all that was taken still is')
export const OUT = fine('/events/e', 'nothing comes that a reader could not take before')
export const text = { type: 'string' }
export const number = { type: 'number' }
