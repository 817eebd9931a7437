import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { derive, validatePlugin } from '@tenon/authoring'
import type { Json } from '@tenon/contract'
import { at, edit, editSpec, policies, quickDisk, read, scaffoldOnce, told, toldOfChange, write } from './plugins.ts'

const fresh = scaffoldOnce()
const repository = fileURLToPath(new URL('../../../', import.meta.url))
const TYPES = 'src/plugin-types.ts'

/** The type that a schema of the operation's input becomes. */
async function typeOf(schema: Json): Promise<string> {
  const root = fresh()
  write(root, 'schemas/echo.in.schema.json', JSON.stringify(schema))
  await derive(quickDisk, root, policies)
  return /export type EchoInput = ([^]*?)\n\n/.exec(read(root, TYPES))?.[1] ?? ''
}

describe('the type of a schema', () => {
  const cases: [what: string, schema: Json, type: string][] = [
    ['that takes anything', {}, 'unknown'],
    ['that is true', true, 'unknown'],
    ['that takes nothing', false, 'never'],
    ['of a text', { type: 'string', maxLength: 3 }, 'string'],
    ['of several types', { type: ['integer', 'null', 'boolean'] }, 'number | null | boolean'],
    ['of one value', { const: "it's\n" }, String.raw`'it\'s\n'`],
    ['of an object that is one value', { const: { a: 1 } }, 'unknown'],
    ['of some values', { type: 'string', enum: ['a', 'b', 1, null] }, "'a' | 'b' | 1 | null"],
    ['of no value', { enum: [] }, 'never'],
    ['whose properties are none', { type: 'object', properties: 7 }, 'Record<string, unknown>'],
    ['of a list', { type: 'array', items: { enum: ['a', 'b'] } }, "('a' | 'b')[]"],
    ['of a list of anything', { type: 'array' }, 'unknown[]'],
    ['of places', { prefixItems: [{ type: 'string' }, { enum: [1, 2] }], items: false }, '[string?, (1 | 2)?]'],
    ['of places and more', { prefixItems: [{ type: 'string' }], items: { type: 'null' } }, '[string?, ...null[]]'],
    ['of an empty list', { type: 'array', items: false }, '[]'],
    ['of no keys', { type: 'object', additionalProperties: false }, 'Record<string, never>'],
    ['of keys by value', { additionalProperties: { type: 'number' } }, 'Record<string, number>'],
    ['of any object', { type: 'object' }, 'Record<string, unknown>'],
    [
      'of an object',
      { properties: { a: { type: 'string', description: 'A */ b.\n c' }, 'b-c': {}, d: { properties: { e: {} } } } },
      "{\n  /** A * / b. c */\n  a?: string\n  'b-c'?: unknown\n  d?: {\n    e?: unknown\n  }\n}",
    ],
    ['of what is needed', { required: ['a'], properties: { a: true, b: false } }, '{\n  a: unknown\n  b?: never\n}'],
    ['of one or another', { anyOf: [{ type: 'string' }, { type: 'array', items: {} }] }, 'string | unknown[]'],
    ['of one or anything', { oneOf: [{ type: 'string' }, {}] }, 'unknown'],
    [
      'of all of some',
      { allOf: [{ properties: { a: {} } }, { anyOf: [{ type: 'null' }, { properties: { b: {} } }] }] },
      '{\n  a?: unknown\n} & (null | {\n  b?: unknown\n})',
    ],
    ['by reference', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }, 'string'],
    ['by a reference to nothing', { $ref: '#/$defs/none' }, 'unknown'],
    ['by a reference elsewhere', { $ref: 'https://example.org/' }, 'unknown'],
    [
      'that holds itself',
      { properties: { text: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } } },
      '{\n  text?: string\n  children?: {\n    text?: string\n    children?: unknown[]\n  }[]\n}',
    ],
  ]
  test.each(cases)('%s', async (_what, schema, type) => {
    expect(await typeOf(schema)).toBe(type)
  })
})

test('what an operation does not have is null or unknown, and a schema that is not there is unknown', async () => {
  const root = fresh()
  rmSync(join(root, 'schemas/echo.in.schema.json'))
  editSpec(root, (spec) => spec.operations?.push({ name: 'a_1', summary: 's', input: false, output: false }))
  await derive(quickDisk, root, policies)
  const text = read(root, TYPES)
  expect(text).toContain('export type EchoInput = unknown\n')
  expect(text).toContain('export type A_1Input = null\n\nexport type A_1Output = unknown\n')
  expect(text).toContain('a_1: { input: A_1Input; output: A_1Output }')
})

test('every kind of setting has its type, and is there when it has a default', async () => {
  const root = fresh()
  const options = [
    { value: 'a', label: 'A' },
    { value: 'b', label: 'B' },
  ]
  editSpec(root, (spec) => {
    spec.settings = {
      flag: { type: 'boolean-flag', label: 'Flag', default: true },
      count: { type: 'integer', label: 'Count' },
      words: { type: 'string-list', label: 'Words', description: 'Some of them.' },
      pick: { type: 'enum-pick', label: 'Pick', options, default: 'a' },
      picks: { type: 'enum-multipick', label: 'Picks', options },
      file: { type: 'path-glob', label: 'File' },
      files: { type: 'path-glob', label: 'Files', multiple: true },
      'a-key': { type: 'secret', label: 'Key' },
      pairs: { type: 'key-value-list', label: 'Pairs' },
    }
  })
  await derive(quickDisk, root, policies)
  expect(/export type Settings = ([^]*?)\n\n/.exec(read(root, TYPES))?.[1]).toBe(
    [
      ...['{', '  /** Flag */', '  flag: boolean', '  /** Count */', '  count?: number'],
      ...['  /** Some of them. */', '  words?: string[]', '  /** Pick */', "  pick: 'a' | 'b'"],
      ...['  /** Picks */', "  picks?: ('a' | 'b')[]", '  /** File */', '  file?: string'],
      ...['  /** Files */', '  files?: string | string[]', '  /** Key */', "  'a-key'?: string", '  /** Pairs */'],
      ...['  pairs?: {', '    key: string', '    value: string', '  }[]', '}'],
    ].join('\n'),
  )
})

test('the keys of others are typed by what is asked of them, and without a word where nothing is', async () => {
  const root = fresh()
  await derive(quickDisk, root, policies)
  expect(read(root, TYPES)).not.toContain('keysOf')
  const typesFor = async (...asked: string[]): Promise<string | undefined> => {
    editSpec(root, (spec) => {
      spec.permissions = asked.map((capability) => ({ capability: `storage:kv${capability}`, reason: 'for the test' }))
    })
    await derive(quickDisk, root, policies)
    return / {2}keysOf: ([^]*?\n {2}\})/.exec(read(root, TYPES))?.[1]
  }
  expect(await typesFor(':write:letter-box', ':read:shop', '', ':write:shop')).toBe(
    "{\n    'letter-box': 'write'\n    shop: 'read' | 'write'\n  }",
  )
  expect(await typesFor(':read:*', ':write:shop')).toBe("{\n    [plugin: string]: 'read' | 'write'\n  }")
})

test('types that are no longer those of the schemas are drift; a missing file is made, an edit is told', async () => {
  const root = fresh()
  for (const side of ['in', 'out'])
    edit(root, `schemas/echo.${side}.schema.json`, (text) => text.replace('"string"', '"integer"'))
  for (const side of ['request', 'response']) write(root, `examples/echo_${side}.json`, '{ "text": 1 }\n')
  expect(await told(root)).toContainEqual(expect.stringMatching(/^src\/plugin-types\.ts:1 differs at line 1/))
  await derive(quickDisk, root, policies)
  expect([await told(root), read(root, TYPES)]).toEqual([
    [],
    expect.stringContaining('export type EchoOutput = {\n  text: number\n}'),
  ])
  rmSync(join(root, TYPES))
  expect(await toldOfChange(root)).toEqual(['src/plugin-types.ts is missing'])
  expect(await derive(quickDisk, root, policies)).toContain(TYPES)
  edit(root, TYPES, (text) => text.replace('text: number', 'text: string'))
  expect(await told(root)).toContain('src/plugin-types.ts:1 what is inside the fence "types" was edited by hand')
})

test('a plugin that is written in JavaScript has no types', async () => {
  const root = fresh()
  editSpec(root, (spec) => (spec.runtime = { kind: 'node', entry: 'src/plugin.mjs' }))
  write(root, 'src/plugin.mjs', read(root, 'src/plugin.ts'))
  rmSync(join(root, 'src/plugin.ts'))
  rmSync(join(root, TYPES))
  expect(await derive(quickDisk, root, policies)).not.toContain('src/plugin-types.mjs')
})

const ENTRY = `
export default definePlugin<Types>({
  operations,
  services: { price: ({ items }, ctx) => ctx.services.call('shop/price', items).then(() => ({ cents: items * 100 })) },
  events: { 'shop.opened': (event, ctx) => ctx.log('info', event.type) },
  start: async (ctx) => {
    const { depth } = await ctx.config.get()
    await ctx.events.publish('plugin.demo-plugin.said', { text: depth.toFixed() })
    // @ts-expect-error -- the payload has a text
    await ctx.events.publish('plugin.demo-plugin.said', { text: 1 })
    // @ts-expect-error -- no such event is emitted
    await ctx.events.publish('plugin.demo-plugin.sung', { text: 'a' })
    // @ts-expect-error -- no such service is consumed
    await ctx.services.call('shop/stock', null)
    await ctx.kv.of('shop').list('price/')
    await ctx.kv.of('till').set('a', await ctx.kv.of('till').get('b') ?? null)
    // @ts-expect-error -- the keys of this plugin are only read
    await ctx.kv.of('shop').set('a', 1)
    // @ts-expect-error -- the keys of this plugin are only written
    await ctx.kv.of('letter-box').get('a')
    // @ts-expect-error -- no keys of this plugin are asked for
    await ctx.kv.of('safe').get('a')
    // @ts-expect-error -- a setting without a default may be missing
    ;(await ctx.config.get()).width.toFixed()
  },
  configChanged: ({ depth }, before) => depth + before.depth,
})
// @ts-expect-error -- an answer of the service has cents
definePlugin<Types>({ operations, events: { 'shop.opened': () => {} }, services: { price: () => ({ euros: 1 }) } })
// @ts-expect-error -- the service is missing
definePlugin<Types>({ operations, events: { 'shop.opened': () => {} } })
// @ts-expect-error -- the handler is missing
definePlugin<Types>({ operations, services: { price: () => ({ cents: 1 }) } })
const rest = { events: { 'shop.opened': () => {} }, services: { price: () => ({ cents: 1 }) } }
// @ts-expect-error -- an operation answers a text
definePlugin<Types>({ ...rest, operations: { echo: async () => ({ text: 1 }) } })
// @ts-expect-error -- an operation is missing
definePlugin<Types>({ ...rest, operations: {} })
// @ts-expect-error -- an operation takes what its schema says
definePlugin<Types>({ ...rest, operations: { echo: async (input: { words: number }) => ({ text: String(input.words) }) } })
`

test('a plugin is held to its own spec and schemas by its types', async () => {
  const root = fresh()
  mkdirSync(join(root, 'node_modules/@tenon'), { recursive: true })
  for (const name of ['sdk', 'contract'])
    symlinkSync(join(repository, 'packages', name), join(root, 'node_modules/@tenon', name))
  const object = (key: string, type: string): string =>
    JSON.stringify({ type: 'object', required: [key], additionalProperties: false, properties: { [key]: { type } } })
  write(root, 'schemas/said.json', object('text', 'string'))
  write(root, 'schemas/items.json', object('items', 'integer'))
  write(root, 'schemas/cents.json', object('cents', 'integer'))
  const reason = 'for the test'
  const asks = ['event:publish:plugin.demo-plugin.said', 'event:subscribe:shop.opened']
  const services = ['service:provide:price', 'service:call:shop/price']
  const keys = ['read:shop', 'write:till', 'read:till', 'write:letter-box'].map((asked) => `storage:kv:${asked}`)
  editSpec(root, (spec) => {
    spec.permissions = [...asks, ...services, ...keys].map((capability) => ({ capability, reason }))
    spec.events = {
      emits: [{ type: 'plugin.demo-plugin.said', version: 1, schema: 'schemas/said.json' }],
      handles: [{ type: 'shop.opened' }],
    }
    const throttle = { perSecond: 1, burst: 1 }
    const price = { name: 'price', request: 'schemas/items.json', response: 'schemas/cents.json', throttle }
    spec.services = { provides: [price], consumes: ['shop/price'] }
    spec.settings = {
      depth: { type: 'integer', label: 'Depth', default: 3 },
      width: { type: 'integer', label: 'Width' },
    }
  })
  edit(root, 'src/plugin.ts', (text) => text.replace(/\nexport default [^]*$/, ENTRY))
  await derive(quickDisk, root, policies)
  expect((await validatePlugin(quickDisk, root, policies, at)).problems).toEqual([])
  const options = ['--strict', '--module', 'preserve', '--target', 'es2024', '--allowImportingTsExtensions', '--noEmit']
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const files = [
    'src/plugin.ts',
    'tests/test_echo.ts',
    '--types',
    'node',
    '--typeRoots',
    join(repository, 'node_modules/@types'),
  ]
  const checking = promisify(execFile)(process.execPath, [tsc, ...options, '--skipLibCheck', ...files], { cwd: root })
  expect(await checking.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({ stdout: '' })
}, 60_000)
