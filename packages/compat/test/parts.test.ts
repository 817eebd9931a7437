import type { Json } from '@tenon/contract'
import { compareContracts, partsOf, type Contract } from '@tenon/compat'
import { describe, expect, test } from 'vitest'
import { breaking, contract, fine, number, object, text } from './contracts.ts'

describe('beyond schemas', () => {
  test('an operation that is known by another name was renamed, and is compared with what it became', () => {
    const [uid, other] = ['01J0000000000000000000000A', '01J0000000000000000000000B']
    const before = contract({ operations: { mint: { uid, input: object({ a: text }) }, same: {} } })
    const after = contract({ operations: { make: { uid, input: object({}) }, mint: { uid: other }, same: {} } })
    expect(compareContracts(before, after)).toMatchObject([
      { where: '/operations/mint', verdict: 'breaking', why: '"mint" is called "make" now', renamed: 'make' },
      { where: '/operations/make/input/a', verdict: 'breaking', witness: { a: '' } },
      { where: '/operations/mint', verdict: 'compatible', why: 'it is new' },
    ])
  })
  test('a setting that is gone is shown by a configuration that names it', () => {
    const settings = { size: { type: 'integer', minimum: 1 } }
    expect(compareContracts(contract({ settings }), contract({}))).toEqual(
      breaking('/settings/size', 'the property "size" was taken and is refused now', { size: 1 }),
    )
    expect(compareContracts(contract({}), contract({ settings }))).toEqual(fine('/settings/size', 'it is new'))
  })
  test('the configuration of runs is taken', () =>
    expect(compareContracts(contract({ configuration: object({ a: text }) }), contract({}))).toMatchObject([
      { where: '/configuration/a', verdict: 'breaking' },
    ]))
  test('an event that is handled no more is missed', () => {
    expect(compareContracts(contract({ handles: ['a.b'] }), contract({ handles: ['a.c'] }))).toEqual([
      { where: '/handles/a.b', verdict: 'breaking', why: 'it is gone' },
      { where: '/handles/a.c', verdict: 'compatible', why: 'it is new' },
    ])
  })
  test('a permission that is new is an operator’s to approve, one that was covered is not', () => {
    const before = contract({ permissions: ['net:connect:**.example.org', 'storage:kv', 'fs:read:/srv/**'] })
    const after = contract({
      permissions: ['net:connect:a.example.org', 'net:connect:*.example.org', 'fs:read:/srv/a/**', 'storage:secrets'],
    })
    const told = compareContracts(before, after).map(({ where, verdict, why }) => `${where} ${verdict}: ${why}`)
    expect(told).toEqual([
      '/permissions/net:connect:a.example.org compatible: it is part of what was asked for',
      '/permissions/net:connect:*.example.org compatible: it is new: an operator has to approve it',
      '/permissions/fs:read:~1srv~1a~1** compatible: it is part of what was asked for',
      '/permissions/storage:secrets compatible: it is new: an operator has to approve it',
      '/permissions/net:connect:**.example.org compatible: it is gone',
      '/permissions/storage:kv compatible: it is gone',
      '/permissions/fs:read:~1srv~1** compatible: it is gone',
    ])
  })
  test('kinds of ledger entries are only added, and keep what they hold', () => {
    const entry = (required: string[], at: Json = text): Json => object({ at, actor: text }, required)
    const ledger = (schema: Json): NonNullable<Contract['ledger']> => ({ 'plugin.start': { entry: schema } })
    const from = (schema: Json): Contract => contract({ ledger: ledger(schema) })
    const told = (next: Contract) => compareContracts(from(entry(['at', 'actor'])), next)
    expect(told(contract({}))).toEqual([{ where: '/ledger/plugin.start', verdict: 'breaking', why: 'it is gone' }])
    expect(told(from(entry(['at'])))).toMatchObject([{ where: '/ledger/plugin.start/actor', verdict: 'breaking' }])
    expect(told(from(entry(['at', 'actor'], number)))).toMatchObject([
      { where: '/ledger/plugin.start/at', verdict: 'breaking' },
    ])
    expect(told(from(object({ at: text, actor: text, more: text }, ['at', 'actor', 'more'])))).toMatchObject([
      { verdict: 'compatible' },
    ])
  })
  test('the ledger’s entry of a permission goes with it, and not before', () => {
    const use: NonNullable<Contract['ledger']> = {
      'capability.use storage:kv': { entry: text, permission: 'storage:kv' },
    }
    const before = contract({ permissions: ['storage:kv'], ledger: use })
    expect(compareContracts(before, contract({})).map(({ verdict }) => verdict)).toEqual(['compatible'])
    expect(compareContracts(before, contract({ permissions: ['storage:kv'] }))).toMatchObject([{ verdict: 'breaking' }])
  })
  test('what can be counted on may be more, not less', () => {
    const at = (least: number): Contract =>
      contract({ promises: { '/services/judge/perSecond': { type: 'number', minimum: least } } })
    expect(compareContracts(at(10), at(20))).toMatchObject([
      { where: '/services/judge/perSecond', verdict: 'compatible' },
    ])
    expect(compareContracts(at(20), at(10))).toMatchObject([{ verdict: 'breaking', witness: expect.any(Number) }])
    expect(compareContracts(at(20), contract({}))).toEqual([])
  })
  test('each part has a place', () =>
    expect(
      partsOf(
        contract({
          operations: { 'a/b': {} },
          events: { e: text },
          configuration: text,
          handles: ['h'],
          permissions: ['p'],
        }),
      ),
    ).toEqual(['/operations/a~1b', '/events/e', '/configuration', '/handles/h', '/permissions/p']))
})

describe('the parts of a contract', () => {
  const schemas = { request: object({ a: text }), response: object({ a: text }, ['a']) }
  test('break when they are gone, and are fine when they are new', () => {
    const full = contract({ operations: { b: {}, a: {} }, events: { e: text }, services: { constructor: schemas } })
    const names = ['/operations/a', '/operations/b', '/events/e', '/services/constructor']
    expect(compareContracts(full, contract({}))).toEqual(
      names.map((where) => ({ where, verdict: 'breaking', why: 'it is gone' })),
    )
    expect(compareContracts(contract({}), full)).toEqual(
      names.map((where) => ({ where, verdict: 'compatible', why: 'it is new' })),
    )
  })
  test('have a direction each', () => {
    const before = contract({
      operations: { op: { input: text, output: text } },
      services: { s: { request: text, response: text } },
      settings: { size: text },
    })
    const wider = { type: ['string', 'null'] }
    const after = contract({
      operations: { op: { input: wider, output: wider } },
      services: { s: { request: wider, response: wider } },
      settings: { size: wider },
    })
    const verdicts = compareContracts(before, after).map(({ where, verdict }) => `${where} ${verdict}`)
    expect(verdicts).toEqual([
      '/operations/op/input compatible',
      '/operations/op/output breaking',
      '/services/s/request compatible',
      '/services/s/response breaking',
      '/settings/size compatible',
    ])
  })
  test('may begin or cease to have an output', () => {
    const [without, withOutput] = [
      contract({ operations: { op: {} } }),
      contract({ operations: { op: { output: text } } }),
    ]
    expect(compareContracts(without, withOutput)).toEqual(fine('/operations/op/output', 'it is new'))
    expect(compareContracts(withOutput, without)).toMatchObject([{ verdict: 'breaking', why: 'it is gone' }])
    expect(compareContracts(without, without)).toEqual([])
  })
})
