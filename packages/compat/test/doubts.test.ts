import type { Json } from '@tenon/contract'
import { compareContracts } from '@tenon/compat'
import { describe, expect, test } from 'vitest'
import { contract, fine, taken } from './contracts.ts'

describe('a doubt', () => {
  const pattern = (source: string): Json => ({ type: 'string', pattern: source })
  const compared = (old: Json, next: Json, instances = 100) =>
    compareContracts(
      contract({ operations: { op: { input: old } } }),
      contract({ operations: { op: { input: next } } }),
      [{ where: '/operations/op/input', reviewer: 'ada', instances }],
    )
  test('is a change for the worse where a random document shows it', () =>
    expect(taken(pattern('^[A-Z]{1,8}$'), pattern('^[A-Z]{1,4}$'))).toMatchObject([
      { verdict: 'breaking', witness: expect.stringMatching(/^[A-Z]{5,8}$/) },
    ]))
  test('is none when somebody vouches for it and enough documents bear it out', () =>
    expect(compared(pattern('^[ab]{2,9}$'), pattern('^(a|b){2,9}$'))).toEqual(
      fine('/operations/op/input', 'ada vouches for it, and 100 documents bear it out'),
    ))
  test('stays one when somebody vouches for another place', () =>
    expect(
      compareContracts(
        contract({ events: { e: pattern('^[ab]+$') } }),
        contract({ events: { e: pattern('^(a|b)+$') } }),
        [{ where: '/operations/op/input', reviewer: 'ada', instances: 100 }],
      ),
    ).toMatchObject([{ verdict: 'unknown' }]))
  test('stays one when too few documents can be made', () =>
    expect(compared(pattern('^(?=a)a+$'), pattern('^a+$'))).toMatchObject([
      { verdict: 'unknown', why: expect.stringContaining('only 0 of 100 documents could be made') },
    ]))
  test('that somebody vouches for is breaking when only the many documents show it', () => {
    const rare = (excluded: Json): Json => ({ type: 'integer', minimum: 0, maximum: 5_000, not: excluded })
    const changes = compared(rare({ const: -1 }), rare({ const: 901 }), 5_000)
    expect(changes).toMatchObject([{ verdict: 'breaking', witness: expect.any(Number) }])
  })
})
