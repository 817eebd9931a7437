import Ajv2020 from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { foreignValidator, readSchema, readSpec, valueAt } from '@tenon/contract/schema'
import { randomSchema, randomValue } from './random-schema.ts'

const judge = new Ajv2020.default({
  strict: false,
  validateFormats: false,
  logger: false,
  addUsedSchema: false,
  ownProperties: true,
})
const cases = fc.tuple(randomSchema, randomValue)
const parentOf = (pointer: string): string => pointer.slice(0, pointer.lastIndexOf('/'))

/** What the second judge says; nothing where its own compiled code breaks, as that of some unions does. */
function judged(schema: Json, value: Json): boolean | undefined {
  try {
    return judge.validate(schema as object, value)
  } catch {
    return undefined
  }
}

test('a random schema accepts what a second judge accepts, and has a problem with all else', () => {
  fc.assert(
    fc.property(cases, ([schema, value]) => {
      expect(readSchema(schema).problems).toEqual([])
      const validator = foreignValidator(schema)
      const second = judged(schema, value)
      fc.pre(second !== undefined)
      expect(validator.is(value)).toBe(second)
      expect(validator.problems(value).length === 0).toBe(validator.is(value))
    }),
    { numRuns: 3000 },
  )
})

test('a problem points at a value that is there, or at a key that is missing from an object that is', () => {
  fc.assert(
    fc.property(cases, ([schema, value]) => {
      for (const { pointer, code } of foreignValidator(schema).problems(value)) {
        const isThere = valueAt(value, pointer) !== undefined
        expect(isThere, pointer).toBe(code !== 'SCHEMA_REQUIRED')
        expect(valueAt(value, parentOf(pointer)), pointer).toBeDefined()
      }
    }),
    { numRuns: 3000 },
  )
})

const spec = {
  specVersion: 1,
  id: 'demo',
  name: 'Demo',
  version: '1.0.0',
  runtime: { kind: 'container', image: 'i', argv: ['a'], env: { A: 'b' } },
  operations: [{ name: 'mint', summary: 's', input: true, output: true, endpoint: { method: 'POST', path: '/a' } }],
  resources: { memoryMb: 64 },
  settings: { words: { type: 'string-list', label: 'Words' }, on: { type: 'boolean-flag', label: 'On' } },
  contracts: ['DemoPlugin'],
  traits: ['handles_pii'],
  security: { authenticationRequired: true, dataClassification: ['pii'] },
}
type Spec = typeof spec & Record<string, unknown>

/** Where a fault is, and how it is made. No two touch the same place. */
const faults: [string, (spec: Spec) => void][] = [
  ['/permision', (one) => (one['permision'] = [])],
  ['/name', (one) => Reflect.deleteProperty(one, 'name')],
  ['/id', (one) => (one.id = 'Bad_Id')],
  ['/specVersion', (one) => (one.specVersion = 2)],
  ['/runtime/imge', (one) => Object.assign(one.runtime, { imge: 'j' })],
  ['/runtime/argv', (one) => (one.runtime.argv = [])],
  ['/runtime/env/1', (one) => Object.assign(one.runtime.env, { 1: 'c' })],
  ['/runtime/env/A', (one) => Object.assign(one.runtime.env, { A: 3 })],
  ['/operations/0/endpoint/method', (one) => one.operations.forEach(({ endpoint }) => (endpoint.method = 'POTS'))],
  ['/operations/0/input', (one) => one.operations.forEach((operation) => Object.assign(operation, { input: 'yes' }))],
  ['/resources/memoryMb', (one) => (one.resources.memoryMb = 8)],
  ['/settings/words/itemMaxLenght', (one) => Object.assign(one.settings.words, { itemMaxLenght: 3 })],
  ['/settings/on/type', (one) => (one.settings.on.type = 'flag')],
  ['/settings/Words', (one) => Object.assign(one.settings, { Words: one.settings.on })],
  ['/security/dataClassification/0', (one) => (one.security.dataClassification = ['secret'])],
]

test('of any faults of a spec each is told once, at its place', () => {
  fc.assert(
    fc.property(fc.subarray(faults), (chosen) => {
      const broken = structuredClone(spec) as Spec
      for (const [, make] of chosen) make(broken)
      const { problems } = readSpec(JSON.stringify(broken))
      expect(problems.map(({ pointer }) => pointer).toSorted()).toEqual(chosen.map(([pointer]) => pointer).toSorted())
    }),
  )
})

test('faults far apart in a long list stay apart', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 20 }), (wrong) => {
      const items = Array.from({ length: 121 }, (_, index) => ({ kind: wrong.includes(index) ? 'x' : 'a' }))
      const choice = ['a', 'b'].map((kind) => ({ type: 'object', properties: { kind: { const: kind } } }))
      const problems = foreignValidator({ items: { anyOf: choice } }).problems(items)
      expect(problems.map(({ pointer }) => pointer).toSorted()).toEqual(wrong.map((at) => `/${at}/kind`).toSorted())
    }),
  )
})

test('what was changed at random is refused by both or by none', () => {
  const keywords = ['type', 'required', 'minLength', 'pattern', 'properties', 'anyOf', 'enum', 'multipleOf', 'not']
  const oneKeyword = fc.tuple(fc.constantFrom(...keywords), randomValue)
  fc.assert(
    fc.property(oneKeyword, ([keyword, value]) => {
      const schema = { [keyword]: value } as Json
      expect(readSchema(schema).problems.length === 0, JSON.stringify(schema)).toBe(
        judge.validateSchema(schema as object),
      )
    }),
    { numRuns: 3000 },
  )
})
