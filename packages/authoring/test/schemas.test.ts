import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { editSpec, scaffoldOnce, toldOfChange, write } from './plugins.ts'

const fresh = scaffoldOnce()
const IN = 'schemas/echo.in.schema.json'
const OUT = 'schemas/echo.out.schema.json'

async function after(harm: (root: string) => void): Promise<string[]> {
  const root = fresh()
  harm(root)
  return toldOfChange(root)
}
const schema = (path: string, value: Json) => (root: string) => write(root, path, JSON.stringify(value, null, 1))

const STORES = { capability: 'storage:kv', reason: 'r' }

describe('a schema', () => {
  test.each<[string, (root: string) => void, string[]]>([
    ['that is lost', (root) => rmSync(join(root, IN)), [`${IN} is missing`]],
    ['that is no JSON', (root) => write(root, OUT, '{"a":1,"a":2}'), [`${OUT}:1 the key "a" is written twice`]],
    [
      'of a nonsense type',
      schema(OUT, { type: 'nonsense' }),
      [expect.stringContaining(`${OUT}:2 "type" must be one of`)],
    ],
    [
      'with a dangling reference',
      schema(OUT, { $ref: '#/$defs/a' }),
      [`${OUT}:2 "#/$defs/a" refers to nothing in this document`],
    ],
    ['with a misspelt keyword', schema(OUT, { requried: ['text'] }), [`${OUT}:2 there is no keyword "requried"`]],
    [
      'of another draft',
      schema(OUT, { $schema: 'http://json-schema.org/draft-07/schema#' }),
      [`${OUT}:2 is another draft than the one that is checked`],
    ],
    [
      'of an input that names its keys and takes any other',
      schema(IN, { properties: { text: true } }),
      [`${IN}:1 an input takes no keys but its own`],
    ],
    [
      'that no operation has',
      schema('schemas/gone.json', { type: 'x' }),
      [expect.stringContaining('schemas/gone.json:2 "type" must be one of')],
    ],
    [
      'that an event names and is lost',
      (root) =>
        editSpec(root, (spec) => {
          spec.permissions = [{ capability: 'event:publish:plugin.demo-plugin.said', reason: 'r' }]
          spec.events = { emits: [{ type: 'plugin.demo-plugin.said', version: 1, schema: 'schemas/said.json' }] }
        }),
      ['schemas/said.json is missing'],
    ],
    [
      'that a service names and is lost',
      (root) =>
        editSpec(root, (spec) => {
          spec.permissions = [{ capability: 'service:provide:say', reason: 'r' }]
          const throttle = { perSecond: 1, burst: 1 }
          spec.services = { provides: [{ name: 'say', request: 'a.json', response: 'b.json', throttle }] }
        }),
      ['a.json is missing', 'b.json is missing'],
    ],
    [
      "of a dataset's configuration, and of stored values, that are lost",
      (root) =>
        editSpec(root, (spec) => {
          spec.dataset = { config: 'c.json' }
          spec.storage = { quotaMb: 1, schemaVersion: 1, schema: 's.json' }
        }),
      ['c.json is missing', 's.json is missing'],
    ],
    [
      "of a map's storage that is lost",
      (root) =>
        editSpec(root, (spec) => {
          spec.permissions = [STORES]
          const mapStorage = { mode: 'kv' as const, schema: 'kv.json' }
          spec.runtime = { kind: 'map', extensions: ['src/plugin.ts'], mapStorage }
        }),
      ['kv.json is missing', 'src/plugin.ts:3 nothing is derived into the fence "operations"'],
    ],
    [
      "of a map's tables that are lost, and their migrations",
      (root) =>
        editSpec(root, (spec) => {
          spec.permissions = [STORES]
          const mapStorage = {
            mode: 'dedicated' as const,
            tables: ['t'],
            migrations: ['1.sql'],
            schemas: { t: 't.json' },
          }
          spec.runtime = { kind: 'map', extensions: ['src/echo.ts'], mapStorage }
        }),
      ['1.sql is missing', 't.json is missing', 'src/plugin.ts:3 nothing is derived into the fence "operations"'],
    ],
  ])('%s is a problem', async (_what, harm, expected) => {
    expect(await after(harm)).toEqual(expected)
  })

  test.each<[string, (root: string) => void]>([
    [
      'of an input that is closed by another keyword',
      schema(IN, { type: 'object', unevaluatedProperties: false, properties: { text: true } }),
    ],
    [
      'of an input that is no object',
      (root) => (schema(IN, { type: 'string' })(root), write(root, 'examples/echo_request.json', '"a"')),
    ],
    ['of an input that may be anything', schema(IN, true)],
    ['of an input that may be any object', schema(IN, { type: 'object' })],
    ['of an output that may grow', schema(OUT, { type: 'object' })],
    ['with keys of its own', schema(OUT, { 'x-team': 'a' })],
  ])('%s is none', async (_what, harm) => {
    expect(await after(harm)).toEqual([])
  })

  test.each([{ mode: 'kv' as const }, { mode: 'dedicated' as const, tables: ['t'], migrations: ['src/echo.ts'] }])(
    "of a map's $mode storage may be left out",
    async (mapStorage) => {
      const found = await after((root) =>
        editSpec(root, (spec) => {
          spec.permissions = [STORES]
          spec.runtime = { kind: 'map', extensions: ['src/echo.ts'], mapStorage }
        }),
      )
      expect(found).toEqual(['src/plugin.ts:3 nothing is derived into the fence "operations"'])
    },
  )
})

describe('a file without an owner', () => {
  test.each<[string, (root: string) => void, string[]]>([
    [
      'schemas of an operation that is gone',
      schema('schemas/gone.in.schema.json', false),
      ['schemas/gone.in.schema.json belongs to no operation'],
    ],
    [
      'examples of an operation that is gone',
      (root) => write(root, 'examples/gone_request.json', 'null'),
      ['examples/gone_request.json belongs to no operation'],
    ],
    [
      'a schema of what an operation has not',
      (root) => {
        editSpec(root, (spec) => Object.assign(spec.operations?.[0] ?? {}, { output: false }))
        write(root, 'examples/echo_response.json', 'null\n')
      },
      [`${OUT} belongs to no operation`],
    ],
    [
      'a fixture with the name of a contract',
      schema('conformance/schemas/echo.in.schema.json', true),
      [`conformance/schemas/echo.in.schema.json has the name of ${IN}`],
    ],
    [
      'a fixture with the name of an example',
      (root) => write(root, 'conformance/examples/echo_request.json', '{}'),
      ['conformance/examples/echo_request.json has the name of examples/echo_request.json'],
    ],
  ])('%s is a problem', async (_what, harm, expected) => {
    expect(await after(harm)).toEqual(expected)
  })

  test("what the spec names has one, and other fixtures and examples are nobody else's business", async () => {
    const found = await after((root) => {
      editSpec(
        root,
        (spec) => (spec.health = { probes: [{ id: 'echo', kind: 'op', request: 'examples/probe_request.json' }] }),
      )
      for (const path of ['examples/probe_request.json', 'examples/long.json', 'conformance/examples/odd.json'])
        write(root, path, '{}')
    })
    expect(found).toEqual([])
  })
})
