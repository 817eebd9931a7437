import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { answerOf, temporaryDatabase, withoutPostgres } from '@tenon/testkit'
import { installPackages, type Installed } from './installed.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const home = realpathSync(mkdtempSync(join(tmpdir(), 'tn-')))
let installed: Installed

beforeAll(async () => {
  installed = await installPackages(home)
}, 120_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('publint finds nothing in what is packed', async () => {
  for (const path of installed.tarballs) {
    const { buffer, byteOffset, byteLength } = readFileSync(path)
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength)
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    expect([pkg?.['name'], messages]).toEqual([expect.stringMatching(/^@tenon\//), []])
  }
})

const USE = `import { canonicalJson, TenonError } from '@tenon/contract'
import { readSpec } from '@tenon/contract/schema'
import { definePlugin, PluginError } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import event from '@tenon/contract/schemas/event.schema.json' with { type: 'json' }

const plugin = definePlugin({
  operations: {
    greet: async ({ name }, context) => {
      await context.kv.set('last', name)
      return { text: \`hello \${name}\` }
    },
  },
})
const tested = testPlugin(plugin)
const greeting = await tested.call('greet', { name: 'ada' })
const refusal = await tested.call('unknown', null).catch((error) => error)
console.log(
  JSON.stringify([
    canonicalJson({ b: 1, a: 2 }),
    readSpec('{}').problems.length > 0,
    [greeting, tested.kv.get('last')],
    [refusal instanceof PluginError, refusal instanceof TenonError],
    event.$id,
  ]),
)
`

test('every face of the libraries can be imported and used', async () => {
  installed.write('use.mjs', USE)
  const { stdout, stderr } = await installed.node(['use.mjs'])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([
    '{"a":2,"b":1}',
    true,
    [{ text: 'hello ada' }, 'ada'],
    [true, false],
    'urn:tenon:schema:event:1',
  ])
})

const TYPED = `import { decide, parseCapability, type EventRecord, type Json, type PluginSpec } from '@tenon/contract'
import { pluginSpecSchema, readSpec, validatorOf } from '@tenon/contract/schema'
import { definePlugin, type Context } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'

const spec: PluginSpec | undefined = readSpec('{}').value
export const id: string | undefined = spec?.id
export const isSpec: boolean = validatorOf(pluginSpecSchema).is({})
export const plugin = definePlugin({
  operations: { greet: async (input: { name: string }, context: Context) => [input.name, context.traceId] },
  events: { 'user.created': (event) => event.payload },
})
export const greeting: Promise<Json> = testPlugin(plugin).call('greet', { name: 'ada' })
export const traits = (event: EventRecord): string[] => event.dataTraits
export { decide, parseCapability }

// @ts-expect-error -- the id of a plugin is a text
export const number: PluginSpec['id'] = 1
`

test('a consumer type-checks against them, declarations included', async () => {
  installed.write('typed.ts', TYPED)
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck', 'false', '--noEmit']
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { code, stdout } = await installed.node([tsc, ...options, 'typed.ts'])
  expect([code, stdout]).toEqual([0, ''])
})

const EXTRACTOR = `export default {
  id: 'words', kind: 'extractor', version: '1.0.0', emitsLinkKinds: ['mentions'], defaultConfidence: 'low',
  extract: ({ emitLink }) => emitLink({ kind: 'mentions', target: 'word' }),
}
`

test('the commands work', async () => {
  const { tenon, write } = installed
  const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')) as { version: string }
  expect(await tenon(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  write('notes/AGENTS.md', '# Notes\n\nSee [more](./more.md).\n')
  write('notes/more.md', '# More\n')
  const sm = join(installed.folder, 'node_modules/.bin/sm')
  const manifest = { id: 'words', version: '1.0.0', specCompat: '^0.19.0', extensions: ['words.mjs'] }
  write('.skill-map/plugins/words/plugin.json', JSON.stringify(manifest))
  write('.skill-map/plugins/words/words.mjs', EXTRACTOR)
  const scanned = await installed.node([sm, 'scan', 'notes', '--json', '--quiet'])
  const { stats, links } = JSON.parse(scanned.stdout)
  expect([scanned.stderr, stats.nodesCount, links.length]).toEqual(['', 2, 3])
  write('catalog.json', '{ "root": { "deps": { "a": "^1" } }, "packages": { "a": { "1.2.0": {} } } }')
  expect(JSON.parse((await tenon(['resolve', '--catalog', 'catalog.json'])).stdout)).toEqual({ ok: { a: '1.2.0' } })
  expect(JSON.parse((await tenon(['doctor', '--json'])).stdout).node).toBe(process.version)
})

test('tokens of many files are counted in a thread', async () => {
  for (let index = 0; index < 60; index += 1) installed.write(`many/n${index}.md`, 'hello world')
  const sm = join(installed.folder, 'node_modules/.bin/sm')
  const { stdout, stderr } = await installed.node([sm, 'scan', 'many', '--json', '--quiet', '--no-plugins'])
  const { nodes } = JSON.parse(stdout) as { nodes: { tokens: { body: number } }[] }
  expect([stderr, nodes.map(({ tokens }) => tokens.body)]).toEqual(['', Array(60).fill(2)])
})

test('a plugin goes from nothing to an answer in the sandbox', async () => {
  const { tenon, serve, write } = installed
  const done = async (args: readonly string[], env?: Record<string, string>): Promise<string> => {
    const { code, stdout, stderr } = await tenon(args, env)
    expect([args, code, stderr]).toEqual([args, 0, ''])
    return stdout
  }
  await done(['plugin', 'new', 'hello-world', '--publisher', 'acme'])
  await done(['plugin', 'validate', 'plugins/hello-world'])
  const { gates } = JSON.parse(await done(['plugin', 'test', 'plugins/hello-world', '--json']))
  expect(gates.slice(0, 3)).toMatchObject(['types', 'lint', 'unit'].map((gate) => ({ gate, verdict: 'pass' })))
  const { url, adminToken, child } = await serve(['registry', 'serve', '--data-dir', 'registry'])
  onTestFinished(() => void child.kill())
  const registry = { TENON_REGISTRY_URL: url }
  const made = await done(['admin', 'publisher', 'acme', '--json'], { ...registry, TENON_TOKEN: adminToken })
  const { token } = JSON.parse(made) as { token: string }
  await done(['plugin', 'publish', 'plugins/hello-world'], { ...registry, TENON_TOKEN: token })
  write('tenon.json', '{ "version": 1 }')
  await done(['plugin', 'install', 'acme/hello-world'], registry)
  await done(['plugin', 'enable', 'hello-world'])
  const input = 'plugins/hello-world/examples/echo_request.json'
  expect(JSON.parse(await done(['call', 'hello-world', 'echo', '--input', input, '--json']))).toEqual({ text: 'hello' })
})

test.skipIf(withoutPostgres)('a host moves what its plugins keep from a file to PostgreSQL', async () => {
  const { tenon } = installed
  const url = await temporaryDatabase()
  const admin = async (words: string, env: Record<string, string> = {}) =>
    tenon(['admin', 'storage', ...words.split(' '), '--data-dir', 'moving'], env)
  expect(await admin('backup moving.db')).toMatchObject({ code: 0, stderr: '' })
  for (const words of ['restore moving.db', 'check', 'rotate-key'])
    expect([words, await admin(words, { TENON_DATABASE_URL: url })]).toMatchObject([words, { code: 0, stderr: '' }])
  expect(await answerOf(url, 'SELECT id FROM tenon_migration')).toEqual([{ id: 'storage/1' }])
})
