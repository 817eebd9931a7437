import Ajv2020 from 'ajv/dist/2020.js'
import type { Json, JsonObject } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { compareContracts, instancesOf, type Change, type Contract } from '@tenon/compat'
import { expect, test } from 'vitest'

const CASES = 120
/** Replay one case with TENON_SEED=<the seed that a failure names>. */
const replay = process.env['TENON_SEED']
const first = replay === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(replay)
const seeds = Array.from({ length: replay === undefined ? CASES : 1 }, (_, at) => first + at)

const contract = (parts: Partial<Contract>): Contract => ({
  version: '1.0.0',
  operations: {},
  events: {},
  services: {},
  ...parts,
})
const taking = (input: Json): Contract => contract({ operations: { op: { input } } })
const giving = (payload: Json): Contract => contract({ events: { e: payload } })

/** A second judge, which shares no code with the first. */
const judge = (schema: Json) => new Ajv2020.default({ strict: false }).compile(schema as object | boolean)

/** Compares random schemas, and has `holds` look at each comparison. Every verdict has to come up. */
function overRandomSchemas(
  of: (schema: Json) => Contract,
  holds: (told: { seed: number; old: Json; next: Json; changes: Change[]; random: Random }) => void,
): void {
  console.info(`seeds from ${first}`)
  const verdicts = { compatible: 0, breaking: 0, unknown: 0 }
  for (const seed of seeds) {
    const random = randomFrom(seed)
    const old = randomSchema(random, 2)
    const next = random() < 0.8 ? mutated(old, random) : randomSchema(random, 2)
    const changes = compareContracts(of(old), of(next))
    for (const { verdict } of changes) verdicts[verdict] += 1
    holds({ seed, old, next, changes, random })
    expect(compareContracts(of(old), of(old))).toEqual([])
  }
  if (replay === undefined) for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(5)
}

const isCompatible = (changes: readonly Change[]): boolean => changes.every(({ verdict }) => verdict === 'compatible')

function expectWitnesses(changes: readonly Change[], sender: Json, receiver: Json, told: object): void {
  for (const { verdict, witness } of changes) {
    if (verdict !== 'breaking' || witness === undefined) continue
    expect([judge(sender)(witness), judge(receiver)(witness), told]).toEqual([true, false, told])
  }
}

test('what is sent: no verdict is contradicted by a document, and a second judge agrees with each witness', () => {
  overRandomSchemas(taking, ({ changes, random, ...told }) => {
    const { old, next, seed } = told
    expectWitnesses(changes, old, next, told)
    if (!isCompatible(changes)) return
    const [before, after] = [foreignValidator(old), foreignValidator(next)]
    const documents = [
      ...Array.from({ length: 300 }, () => randomDocument(random, 2)),
      ...instancesOf(old, { seed, count: 50, sender: false }),
    ]
    const refused = documents.filter((value) => before.is(value) && !after.is(value))
    expect({ ...told, refused }).toEqual({ ...told, refused: [] })
  })
})

test('what comes: a reader who ignores what it does not know never meets what it could not take', () => {
  overRandomSchemas(giving, ({ changes, random, ...told }) => {
    const { old, next, seed } = told
    expectWitnesses(changes, next, old, told)
    if (!isCompatible(changes)) return
    const [before, after] = [foreignValidator(tolerant(old)), foreignValidator(next)]
    const named = namesIn(next)
    const documents = [
      ...Array.from({ length: 300 }, () => onlyNamed(randomDocument(random, 2), named)),
      ...instancesOf(next, { seed, count: 50, sender: true }),
    ]
    const refused = documents.filter((value) => after.is(value) && !before.is(value) && isNamed(value, next))
    expect({ ...told, refused }).toEqual({ ...told, refused: [] })
  })
})

/** As the reader of an older version holds to it: nothing is closed. */
const tolerant = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema, (key, value) => (CLOSING.includes(key) && value === false ? true : value)))
const CLOSING = ['additionalProperties', 'unevaluatedProperties']

function namesIn(schema: Json): Set<string> {
  return new Set([...JSON.stringify(schema).matchAll(/"([abcd])":/g)].map(([, name = '']) => name))
}

function onlyNamed(value: Json, names: Set<string>): Json {
  if (Array.isArray(value)) return value.map((item) => onlyNamed(item, names))
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([name]) => names.has(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, onlyNamed(inner, names)]))
}

/** Whether a sender of the schema names each property of the value where it stands, as far as that is plain. */
function isNamed(value: Json, schema: Json): boolean {
  if (value === null || typeof value !== 'object') return true
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return false
  const branches = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((one) => (Array.isArray(one) ? one : []))
  // A sender names what it says by the branch that it sends by.
  if (branches.length > 0)
    return branches.some((branch) => foreignValidator(branch).is(value) && isNamed(value, branch))
  if (Array.isArray(value)) {
    const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
    return value.every((item, at) => isNamed(item, prefix[at] ?? schema['items'] ?? false))
  }
  const properties = (schema['properties'] ?? {}) as JsonObject
  const rest = schema['additionalProperties']
  const patterns = Object.entries((schema['patternProperties'] ?? {}) as JsonObject)
  return Object.entries(value).every(([name, inner]) => {
    const matching = patterns.find(([pattern]) => new RegExp(pattern).test(name))?.[1]
    const one = properties[name] ?? matching ?? (rest === true ? undefined : rest)
    return one !== undefined && isNamed(inner, one)
  })
}

test('the same seed makes the same documents, and another one others', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string', pattern: '^[A-Z]{1,8}$' }, b: { type: 'integer' } },
  }
  const made = (seed: number) => instancesOf(schema, { seed, count: 100, sender: true })
  expect(made(7)).toEqual(made(7))
  expect(made(7)).not.toEqual(made(8))
  expect(made(7).length).toBe(100)
  expect(new Set(made(7).map((one) => JSON.stringify(one))).size).toBeGreaterThan(50)
})

type Random = () => number

const NAMES = ['a', 'b', 'c']
const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)] as T
const some = <T>(items: readonly T[], random: Random): T[] => items.filter(() => random() < 0.5)
const maybe = (key: string, value: Json, random: Random): JsonObject => (random() < 0.4 ? { [key]: value } : {})
const rarely = (key: string, value: Json, random: Random): JsonObject => (random() < 0.12 ? { [key]: value } : {})
const small = (random: Random): number => Math.floor(random() * 4)

function randomSchema(random: Random, depth: number): Json {
  const kinds = [
    ...['scalar', 'scalar', 'number', 'string', 'enum'],
    ...(depth > 0 ? ['object', 'object', 'object', 'array', 'anyOf', 'oneOf', 'allOf', 'tagged', 'not'] : []),
  ]
  const inner = (): Json => randomSchema(random, depth - 1)
  switch (pick(kinds, random)) {
    case 'number':
      return {
        type: pick(['integer', 'number'], random),
        ...maybe('minimum', small(random), random),
        ...maybe('exclusiveMinimum', small(random) - 0.5, random),
        ...maybe('maximum', small(random) + 2, random),
        ...rarely('multipleOf', pick([2, 3], random), random),
      }
    case 'string':
      return {
        type: 'string',
        ...maybe('minLength', small(random), random),
        ...maybe('maxLength', small(random) + 2, random),
        ...maybe('pattern', pick(['^a', 'a$', '^[ab]*$', '^(ab|ba){1,2}$'], random), random),
      }
    case 'enum':
      return random() < 0.3
        ? { const: pick(['a', 1, null], random) }
        : { enum: [...new Set([...some(['a', 'b', 1, 2, null], random), 'ab'])] }
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(some(NAMES, random).map((name) => [name, inner()])),
        ...maybe('required', some(NAMES, random), random),
        ...maybe('additionalProperties', random() < 0.5 ? false : inner(), random),
        ...maybe('maxProperties', small(random) + 1, random),
        ...rarely('patternProperties', { [pick(['^a', '[bd]'], random)]: inner() }, random),
        ...rarely('unevaluatedProperties', false, random),
        ...rarely('propertyNames', { pattern: pick(['^[ab]$', 'c'], random) }, random),
        ...rarely('dependentRequired', { a: ['b'] }, random),
        ...rarely('allOf', [inner()], random),
        ...rarely('anyOf', [inner(), inner()], random),
        ...rarely('if', inner(), random),
        ...rarely('then', inner(), random),
      }
    case 'array':
      return {
        type: 'array',
        items: inner(),
        ...maybe('minItems', small(random), random),
        ...maybe('maxItems', small(random) + 2, random),
        ...maybe('uniqueItems', true, random),
        ...rarely('prefixItems', [inner(), inner()], random),
        ...rarely('contains', inner(), random),
        ...rarely('minContains', small(random), random),
      }
    case 'anyOf':
      return { anyOf: [inner(), inner()], ...maybe('type', pick(['object', 'string'], random), random) }
    case 'oneOf':
      return { oneOf: [inner(), inner()], ...maybe('type', pick(['object', 'string'], random), random) }
    case 'allOf':
      return { allOf: [inner(), inner()] }
    case 'not':
      return { not: inner() }
    case 'tagged':
      return {
        oneOf: ['x', 'y'].map((tag) => ({
          type: 'object',
          properties: { d: { const: tag }, a: inner() },
          required: ['d'],
          ...maybe('additionalProperties', false, random),
        })),
      }
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
  if (typeof value === 'number') return { ...schema, [key]: Math.max(1, value + pick([-1, 1], random)) }
  if (['items', 'additionalProperties', 'not', 'if', 'then', 'contains'].includes(key))
    return { ...schema, [key]: mutated(value ?? true, random) }
  if (key === 'required') return { ...schema, required: some(NAMES, random) }
  if (key === 'enum') return { ...schema, enum: [...new Set([...some(value as Json[], random), 'ab'])] }
  if (['anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(key)) return { ...schema, [key]: mutatedList(value, random) }
  if (key === 'properties') {
    const name = pick(NAMES, random)
    const properties = value as JsonObject
    return { ...schema, properties: { ...properties, [name]: mutated(properties[name] ?? true, random) } }
  }
  return { ...schema, ...maybe('minimum', 1, random), ...maybe('maxLength', 3, random), title: 'changed' }
}

function mutatedList(value: Json | undefined, random: Random): Json[] {
  const list = (value as Json[]).map((one) => (random() < 0.5 ? one : mutated(one, random)))
  return random() < 0.3 ? [...list, randomSchema(random, 1)] : list
}

function randomDocument(random: Random, depth: number): Json {
  const scalars: Json[] = [
    null,
    true,
    false,
    -1,
    0,
    1,
    2,
    2.5,
    3,
    9,
    '',
    'a',
    'b',
    'ab',
    'ba',
    'aaa',
    'abcdef',
    'x',
    'y',
  ]
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
