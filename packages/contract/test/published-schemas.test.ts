import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Ajv2020 from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { prettyJson } from '@tenon/contract'
import { foreignValidator, pluginSpecSchema, publishedSchemas, validatorOf } from '@tenon/contract/schema'

const folder = fileURLToPath(new URL('../schemas/', import.meta.url))
const Ajv = Ajv2020.default
const strict = (): InstanceType<typeof Ajv> =>
  new Ajv({ strict: true, allErrors: true, validateFormats: false, strictTuples: true })

describe('published schemas', () => {
  test('the files are those of the source', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(publishedSchemas).sort())
    for (const [name, schema] of Object.entries(publishedSchemas))
      expect(readFileSync(`${folder}${name}`, 'utf8'), `run "npm run schemas" to write ${name}`).toBe(
        prettyJson(schema),
      )
  })

  test.each(Object.keys(publishedSchemas))(
    '%s compiles under a strict second judge and passes the metaschema',
    (name) => {
      const schema = publishedSchemas[name] as object
      expect(strict().validateSchema(schema)).toBe(true)
      expect(() => strict().compile(schema)).not.toThrow()
    },
  )
})

const specs: object[] = [
  { specVersion: 1, id: 'a', name: 'A', version: '1.0.0', runtime: { kind: 'node', entry: 'x.ts' } },
  { specVersion: 1, id: 'a', name: 'A', version: '1.0.0', runtime: { kind: 'map', extensions: ['x.ts'] }, 'x-1': 1 },
  { specVersion: 1, id: 'a', name: 'A', version: '1.0.0', runtime: { kind: 'map', extensions: [] } },
  { specVersion: 1, id: 'a--b', name: 'A', version: '1.0.0', runtime: { kind: 'remote', endpoints: { a: '/b' } } },
  { specVersion: 1, id: 'a', name: 'A', version: '1.0.0', runtime: { kind: 'remote', endpoints: { a: 'b' } }, y: 1 },
  {
    specVersion: 1,
    id: 'a',
    name: 'A',
    version: '1.0.0',
    runtime: { kind: 'python', entryPoint: 'a.b:c' },
    resources: { memoryMb: 63 },
  },
  {
    specVersion: 1,
    id: 'a',
    name: 'A',
    version: '1.0.0',
    runtime: { kind: 'container', image: 'i', argv: ['{dataset}'] },
    dependencies: { 'b/c': '^1', c: '*' },
  },
  {
    specVersion: 1,
    id: 'a',
    name: 'A',
    version: '1.0.0',
    runtime: { kind: 'node', entry: 'x' },
    dependencies: { 'B C': '*' },
  },
]

test('both judges agree on fixtures', () => {
  const second = strict().compile(pluginSpecSchema)
  const first = validatorOf(pluginSpecSchema)
  const foreign = foreignValidator(structuredClone(pluginSpecSchema) as never)
  for (const spec of specs) {
    expect(first.is(spec), JSON.stringify(spec)).toBe(second(spec))
    expect(foreign.is(spec)).toBe(second(spec))
    expect(first.problems(spec).length === 0).toBe(second(spec))
    expect(foreign.problems(spec).map(({ pointer }) => pointer)).toEqual(
      first.problems(spec).map(({ pointer }) => pointer),
    )
  }
  expect(specs.map((spec) => second(spec))).toEqual([true, true, false, false, false, false, true, false])
})
