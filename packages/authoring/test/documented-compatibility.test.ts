import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Json, JsonObject } from '@tenon/contract'
import { compareContracts, leastBump, type Contract } from '@tenon/compat'
import { contractOf, diffContracts, folderOf } from '@tenon/authoring'
import type { PluginSpec } from '@tenon/contract'
import { expect, test } from 'vitest'

const page = readFileSync(fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url)), 'utf8')

/** The rows of the table with this head. */
function rowsOf(head: string): string[][] {
  const [, after = ''] = page.split(`| ${head} |`)
  const [table = ''] = after.split('\n\n')
  return table
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()))
}

const text: Json = { type: 'string' }
const object = (properties: JsonObject, required: string[] = [], isOpen = false): Json => ({
  type: 'object',
  properties,
  required,
  ...(isOpen ? {} : { additionalProperties: false }),
})
const tagged = (kind: string): Json => object({ kind: { const: kind } }, ['kind'])

const SCHEMAS: Record<string, [Json, Json]> = {
  'a new optional property of a closed object': [object({ a: text }), object({ a: text, b: text })],
  'a new optional property of an open object': [object({ a: text }, [], true), object({ a: text, b: text }, [], true)],
  'a new required property': [object({ a: text }), object({ a: text, b: text }, ['b'])],
  'a property becomes required': [object({ a: text }), object({ a: text }, ['a'])],
  'a property becomes optional': [object({ a: text }, ['a']), object({ a: text })],
  'a property of a closed object is gone': [object({ a: text, b: text }), object({ a: text })],
  'an object is closed': [object({ a: text }, [], true), object({ a: text })],
  'an object is opened': [object({ a: text }), object({ a: text }, [], true)],
  'one more value in an `enum`': [{ enum: ['a'] }, { enum: ['a', 'b'] }],
  'one value less in an `enum`': [{ enum: ['a', 'b'] }, { enum: ['a'] }],
  'one more type': [text, { type: ['string', 'null'] }],
  'a stricter bound or length': [
    { type: 'string', maxLength: 9 },
    { type: 'string', maxLength: 5 },
  ],
  'a looser bound or length': [
    { type: 'integer', minimum: 3 },
    { type: 'integer', minimum: 1 },
  ],
  'one more alternative (`anyOf`, or `oneOf` that a property tells apart)': [
    { oneOf: [tagged('a')] },
    { oneOf: [tagged('a'), tagged('b')] },
  ],
  'a part moved into `allOf` or behind a `$ref`': [
    object({ a: text }, ['a'], true),
    { $defs: { Part: object({ a: text }, ['a'], true) }, allOf: [{ $ref: '#/$defs/Part' }] },
  ],
  'a stricter `pattern`': [
    { type: 'string', pattern: '^[a-z]+$' },
    { type: 'string', pattern: '^[a-f]+$' },
  ],
  'a `pattern` that means the same, written otherwise': [
    { type: 'string', pattern: '^[ab]+$' },
    { type: 'string', pattern: '^(a|b)+$' },
  ],
  'title, description, default, examples, `x-…`': [
    text,
    { type: 'string', title: 'A', description: 'B', default: 'c', examples: ['d'], 'x-e': 1 },
  ],
}

const contract = (parts: Partial<Contract>): Contract => ({
  version: '1.0.0',
  operations: {},
  events: {},
  services: {},
  ...parts,
})

/** The worst of what is said. */
function verdictOf(before: Contract, after: Contract): string {
  const verdicts: string[] = compareContracts(before, after).map(({ verdict }) => verdict)
  return ['breaking', 'unknown', 'compatible'].find((verdict) => verdicts.includes(verdict)) ?? 'none'
}

test('what the page says of a change of a schema is what is said of it', () => {
  const of = ([old, next]: [Json, Json]): string[] => [
    verdictOf(contract({ operations: { op: { input: old } } }), contract({ operations: { op: { input: next } } })),
    verdictOf(contract({ events: { e: old } }), contract({ events: { e: next } })),
  ]
  const rows = rowsOf('change of a schema | in what is sent to a plugin | in what it sends')
  expect(rows).toEqual(Object.entries(SCHEMAS).map(([change, schemas]) => [change, ...of(schemas)]))
})

const base = {
  specVersion: 1,
  id: 'demo',
  name: 'Demo',
  version: '1.0.0',
  runtime: { kind: 'remote', endpoints: {} },
} as unknown as PluginSpec
const spec = (parts: object): PluginSpec => ({ ...base, ...parts })
const act = { name: 'act', summary: 'Acts.', input: false, output: false }
const uid = '01J0000000000000000000000A'
const emits = (delivery: string) =>
  spec({ events: { emits: [{ type: 'a.b', version: 1, schema: 'schemas/e.json', delivery }] } })
const provides = (perSecond: number) =>
  spec({
    services: {
      provides: [
        { name: 's', request: 'schemas/e.json', response: 'schemas/e.json', throttle: { perSecond, burst: 1 } },
      ],
    },
  })
const asking = spec({ permissions: [{ capability: 'storage:kv', reason: 'Keeps.' }] })
const ledger = (fields: object, required: string[], actions = ['plugin.start']): object => ({
  fields,
  entries: actions.map((action) => ({ action, target: 'demo', required, details: [] })),
})
const FIELDS = { at: 'string', actor: 'string' }
const all = spec({
  operations: [act],
  events: { emits: [{ type: 'a.b', version: 1, schema: 'schemas/e.json' }] },
  services: {
    provides: [
      { name: 's', request: 'schemas/e.json', response: 'schemas/e.json', throttle: { perSecond: 1, burst: 1 } },
    ],
  },
  settings: { size: { type: 'integer', label: 'Size' } },
})

type Side = { spec: PluginSpec; ledger?: object }
const whatever = ledger(FIELDS, ['at', 'actor'])

const PARTS: Record<string, [Side, Side]> = {
  'an operation, event, service or setting is new': [
    { spec: base, ledger: whatever },
    { spec: all, ledger: whatever },
  ],
  'an operation, event, service or setting is gone': [{ spec: all }, { spec: base }],
  'an operation has another name and the same `uid`': [
    { spec: spec({ operations: [{ ...act, uid }] }), ledger: whatever },
    { spec: spec({ operations: [{ ...act, uid, name: 'do' }] }), ledger: whatever },
  ],
  'an operation is no longer idempotent': [
    { spec: spec({ operations: [{ ...act, idempotent: true }] }) },
    { spec: spec({ operations: [act] }) },
  ],
  'an operation has another endpoint': [
    { spec: spec({ operations: [{ ...act, endpoint: { method: 'POST', path: '/a' } }] }) },
    { spec: spec({ operations: [{ ...act, endpoint: { method: 'POST', path: '/b' } }] }) },
  ],
  'an event is delivered at most once, no longer at least once': [
    { spec: emits('atLeastOnce') },
    { spec: emits('atMostOnce') },
  ],
  'a service may be asked less often': [{ spec: provides(10) }, { spec: provides(5) }],
  'an event is handled that was not': [{ spec: base }, { spec: spec({ events: { handles: [{ type: 'a.b' }] } }) }],
  'an event is no longer handled': [
    { spec: spec({ events: { handles: [{ type: 'a.b' }] } }), ledger: whatever },
    { spec: base, ledger: whatever },
  ],
  'a permission is asked for': [{ spec: base }, { spec: asking }],
  'a permission is no longer asked for': [{ spec: asking }, { spec: base }],
  'a kind of ledger entry is new': [
    { spec: base, ledger: whatever },
    { spec: base, ledger: ledger(FIELDS, ['at', 'actor'], ['plugin.start', 'plugin.end']) },
  ],
  'a kind of ledger entry is gone': [
    { spec: base, ledger: whatever },
    { spec: base, ledger: ledger(FIELDS, ['at'], []) },
  ],
  'a required key of a ledger entry is gone': [
    { spec: base, ledger: whatever },
    { spec: base, ledger: ledger(FIELDS, ['at']) },
  ],
  'a key of a ledger entry has another type': [
    { spec: base, ledger: whatever },
    { spec: base, ledger: ledger({ ...FIELDS, at: 'number' }, ['at', 'actor']) },
  ],
  'less is recorded (`compliance.auditLevel`)': [
    { spec: spec({ compliance: { auditLevel: 'complete' } }) },
    { spec: spec({ compliance: { auditLevel: 'basic' } }) },
  ],
  'only the version is another': [{ spec: base }, { spec: spec({ version: '2.0.0' }) }],
}

const versionOf = ({ spec: one, ledger: document }: Side) => ({
  spec: one,
  folder: folderOf('/demo', [
    { path: 'schemas/e.json', bytes: Buffer.from('{ "type": "string" }') },
    ...(document === undefined ? [] : [{ path: 'ledger_contract.json', bytes: Buffer.from(JSON.stringify(document)) }]),
  ]),
})

test('what the page says of a change of a part is what is said of it', () => {
  const of = ([old, next]: [Side, Side]): string => {
    const [before, after] = [versionOf(old), versionOf(next)]
    const { changes } = diffContracts(before, after)
    expect(leastBump(changes)).toBe(diffContracts(before, after).bump)
    return verdictOf(contractOf(before.spec, before.folder), contractOf(after.spec, after.folder))
  }
  const rows = rowsOf('change of a part | verdict')
  expect(rows).toEqual(Object.entries(PARTS).map(([change, sides]) => [change, of(sides)]))
})

test('the assertion that the page shows is one', () => {
  const [, shown = ''] = /```yaml\n(.*?)```/s.exec(page) ?? []
  const folder = folderOf('/demo', [{ path: 'conformance/contract/assertions.yaml', bytes: Buffer.from(shown) }])
  expect(shown).toContain('reviewer')
  expect(diffContracts({ spec: base, folder }, { spec: base, folder }).problems).toEqual([])
})
