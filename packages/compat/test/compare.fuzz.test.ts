import type { Json, JsonObject } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { compareContracts, type Contract } from '@tenon/compat'
import { expect, test } from 'vitest'

const CASES = 400
/** Replay one case with TENON_SEED=<the seed that a failure names>. */
const replay = process.env['TENON_SEED']
const first = replay === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(replay)
const seeds = Array.from({ length: replay === undefined ? CASES : 1 }, (_, at) => first + at)

const contract = (input: Json): Contract => ({
  version: '1.0.0',
  operations: { op: { input } },
  events: {},
  services: {},
})

test('no verdict is ever contradicted by a document', () => {
  console.info(`seeds from ${first}`)
  const verdicts = { compatible: 0, breaking: 0, unknown: 0 }
  for (const seed of seeds) {
    const random = randomFrom(seed)
    const old = randomSchema(random, 2)
    const next = random() < 0.8 ? mutated(old, random) : randomSchema(random, 2)
    const changes = compareContracts(contract(old), contract(next))
    for (const { verdict } of changes) verdicts[verdict] += 1
    const [before, after] = [foreignValidator(old), foreignValidator(next)]
    const told = { seed, old, next, changes }
    for (const { verdict, witness } of changes)
      if (verdict === 'breaking' && witness !== undefined)
        expect([before.is(witness), after.is(witness), told]).toEqual([true, false, told])
    if (changes.some(({ verdict }) => verdict !== 'compatible')) continue
    const documents = Array.from({ length: 300 }, () => randomDocument(random, 2))
    const refused = documents.filter((value) => before.is(value) && !after.is(value))
    expect({ ...told, refused }).toEqual({ ...told, refused: [] })
  }
  if (replay === undefined) for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(5)
})

type Random = () => number

const NAMES = ['a', 'b', 'c']
const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)] as T
const some = <T>(items: readonly T[], random: Random): T[] => items.filter(() => random() < 0.5)
const maybe = (key: string, value: Json, random: Random): JsonObject => (random() < 0.4 ? { [key]: value } : {})
const small = (random: Random): number => Math.floor(random() * 4)

function randomSchema(random: Random, depth: number): Json {
  const kinds = [
    'scalar',
    'scalar',
    'number',
    'string',
    'enum',
    ...(depth > 0 ? ['object', 'object', 'array', 'anyOf'] : []),
  ]
  const inner = (): Json => randomSchema(random, depth - 1)
  switch (pick(kinds, random)) {
    case 'number':
      return {
        type: pick(['integer', 'number'], random),
        ...maybe('minimum', small(random), random),
        ...maybe('exclusiveMinimum', small(random) - 0.5, random),
        ...maybe('maximum', small(random) + 2, random),
      }
    case 'string':
      return {
        type: 'string',
        ...maybe('minLength', small(random), random),
        ...maybe('maxLength', small(random) + 2, random),
        ...maybe('pattern', pick(['^a', 'a$', '^[ab]*$'], random), random),
      }
    case 'enum':
      return random() < 0.3
        ? { const: pick(['a', 1, null], random) }
        : { enum: some(['a', 'b', 1, 2, null], random).concat('ab') }
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(some(NAMES, random).map((name) => [name, inner()])),
        ...maybe('required', some(NAMES, random), random),
        ...maybe('additionalProperties', random() < 0.5 ? false : inner(), random),
        ...maybe('maxProperties', small(random) + 1, random),
      }
    case 'array':
      return {
        type: 'array',
        items: inner(),
        ...maybe('minItems', small(random), random),
        ...maybe('maxItems', small(random) + 2, random),
        ...maybe('uniqueItems', true, random),
      }
    case 'anyOf':
      return { anyOf: [inner(), inner()], ...maybe('type', pick(['object', 'string'], random), random) }
    default:
      return pick<Json>(
        [
          true,
          {},
          { type: 'null' },
          { type: 'boolean' },
          { type: ['string', 'null'] },
          { type: ['integer', 'boolean'] },
        ],
        random,
      )
  }
}

/** The schema with one thing in it changed. */
function mutated(schema: Json, random: Random): Json {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return randomSchema(random, 1)
  const keys = Object.keys(schema)
  const key = pick([...keys, 'title'], random)
  const value = schema[key]
  if (random() < 0.3) return Object.fromEntries(Object.entries(schema).filter(([one]) => one !== key))
  if (typeof value === 'number') return { ...schema, [key]: Math.max(0, value + pick([-1, 1], random)) }
  if (key === 'items' || key === 'additionalProperties') return { ...schema, [key]: mutated(value ?? true, random) }
  if (key === 'required') return { ...schema, required: some(NAMES, random) }
  if (key === 'enum') return { ...schema, enum: [...some(value as Json[], random), 'ab'] }
  if (key === 'anyOf')
    return { ...schema, anyOf: (value as Json[]).map((one) => (random() < 0.5 ? one : mutated(one, random))) }
  if (key === 'properties') {
    const name = pick(NAMES, random)
    const properties = value as JsonObject
    return { ...schema, properties: { ...properties, [name]: mutated(properties[name] ?? true, random) } }
  }
  return { ...schema, ...maybe('minimum', 1, random), ...maybe('maxLength', 3, random), title: 'changed' }
}

function randomDocument(random: Random, depth: number): Json {
  const scalars: Json[] = [null, true, false, -1, 0, 1, 2, 2.5, 3, 9, '', 'a', 'b', 'ab', 'ba', 'aaa', 'abcdef']
  if (depth === 0 || random() < 0.3) return pick(scalars, random)
  if (random() < 0.3) return Array.from({ length: small(random) + 1 }, () => randomDocument(random, depth - 1))
  return Object.fromEntries(some([...NAMES, 'd'], random).map((name) => [name, randomDocument(random, depth - 1)]))
}

function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
