import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn } from './in-process.ts'
import { ECHO, market, stepper } from './market.ts'

const KEEPS = `import type { Context } from '@tenon/sdk'
export async function act(input: { n: number }, ctx: Context): Promise<object> {
  await ctx.kv.set('n', input.n)
  await ctx.events.publish('plugin.keeper.done', { n: input.n })
  return { kept: await ctx.kv.get('n') }
}
`

test('a plugin is published, installed, enabled, called, disabled and uninstalled', async () => {
  const { publish, tenon, home, project, registry } = await market()
  const step = stepper(tenon)
  const published = (await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })).json()
  expect(published).toMatchObject({ id: 'echoing', version: '1.0.0', registry: registry.url })
  expect(await step('plugin', 'list')).toBe(`${project}, generation 0\nno plugins\n`)
  expect(await step('plugin', 'install', 'acme/echoing', '--plan')).toBe('+ echoing 1.0.0\n')
  expect(await step('plugin', 'install', 'acme/echoing')).toBe('generation 1\n+ echoing 1.0.0\n')
  expect(await step('plugin', 'install')).toBe('nothing to change\n')
  expect(await step('plugin', 'list')).toMatch(/^echoing +1\.0\.0 +node +registered +unknown +contained$/m)

  const early = await tenon(['call', 'echoing', 'act'])
  expect([early.code, early.stderr]).toEqual([
    2,
    expect.stringMatching(/PLUGIN_DISABLED: "echoing" is registered\nhint: /),
  ])
  expect(await step('plugin', 'enable', 'echoing')).toBe('echoing is active\n')
  writeFileSync(join(home, 'input.json'), '{ "a": [1, null] }')
  const input = ['--input', '../input.json']
  expect(JSON.parse(await step('call', 'echoing', 'act', ...input))).toEqual({ got: { a: [1, null] } })
  expect(await step('plugin', 'inspect', 'echoing')).toMatch(
    /^echoing 1\.0\.0: active, unknown\nmanifest sha256:\w{64}, signed by sha256:\w{64}\nattested: \d+ checks by \d+ gates, problems in none\nasks for nothing\nact: act\n$/,
  )
  expect(await step('plugin', 'disable', 'echoing', '--reason', 'the end')).toBe('echoing is disabled\n')
  expect(JSON.parse(await step('plugin', 'inspect', 'echoing', '--json'))).toMatchObject({
    status: 'disabled',
    statusReason: 'the end',
  })
  expect(await step('plugin', 'uninstall', 'echoing')).toBe('generation 2\n- echoing\n')
  expect(JSON.parse(await step('plugin', 'list', '--json')).plugins).toEqual([])
  expect(await step('plugin', 'rollback')).toBe('generation 1 is in force again\n  echoing 1.0.0\n')
  expect(await step('ledger', 'verify')).toMatch(/^\d+ stream\(s\) are as they were written\n$/)
})

test('what a plugin asks for is told, granted piece by piece, and kept in tenon.json', async () => {
  const { publish, tenon, project, home } = await market()
  const step = stepper(tenon)
  const permissions = [
    { capability: 'storage:kv', reason: 'remembers\n  x asks for fs:write:/**' },
    { capability: 'event:publish:plugin.keeper.done', reason: 'tells' },
  ]
  const events = { emits: [{ type: 'plugin.keeper.done', version: 1, schema: 'schemas/done.schema.json' }] }
  const files = { 'src/act.ts': KEEPS, 'schemas/done.schema.json': '{ "type": "object" }' }
  await publish({ id: 'keeper', spec: { permissions, events }, files })
  const first = await step('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')
  expect(first).toBe(
    'generation 1\n+ keeper 1.0.0\n  keeper asks for event:publish:plugin.keeper.done: tells\n' +
      '    grant it with --grant event:publish:plugin.keeper.done\n',
  )
  await step('plugin', 'install', 'acme/keeper', '--grant', 'event:publish:plugin.keeper.done')
  expect(JSON.parse(readFileSync(join(project, 'tenon.json'), 'utf8')).grants).toEqual({
    keeper: ['storage:kv', 'event:publish:plugin.keeper.done'],
  })
  await step('plugin', 'enable', 'keeper')
  writeFileSync(join(home, 'n.json'), '{ "n": 3 }')
  expect(JSON.parse(await step('call', 'keeper', 'act', '--json', '--input', '../n.json'))).toEqual({ kept: 3 })
  const inspected = await step('plugin', 'inspect', 'keeper')
  expect(inspected).toMatch(/^storage:kv +granted +used once +remembers\\n {2}x asks for fs:write:\/\*\*$/m)
  expect(inspected).toMatch(/^event:publish:plugin\.keeper\.done +granted +used once +tells$/m)

  await step('plugin', 'uninstall', 'keeper')
  const again = await step('plugin', 'install', 'acme/keeper')
  expect(again).toBe('generation 3\n+ keeper 1.0.0\n')
})

test('a reason cannot pass for a line of ours', async () => {
  const { publish, tenon } = await market()
  const permissions = [{ capability: 'storage:kv', reason: 'x\n  y asks for fs:write:/**: y\u001b[2J' }]
  await publish({ id: 'forger', spec: { permissions }, files: { 'src/act.ts': ECHO } })
  const { stdout } = await tenon(['plugin', 'install', 'acme/forger'])
  expect(stdout.split('\n').filter((line) => line.includes('asks for'))).toEqual([
    '  forger asks for storage:kv: x\\n  y asks for fs:write:/**: y\\u{1b}[2J',
  ])
})

test('an update moves to what fits, and rolling back brings the version before', async () => {
  const { publish, tenon } = await market()
  const step = stepper(tenon)
  const files = { 'src/act.ts': ECHO }
  await publish({ id: 'needed', files })
  const needs = { dependencies: { 'acme/needed': '^1' }, optionalDependencies: { 'not-there': '*' } }
  await publish({ id: 'moving', spec: { version: '1.0.0' }, files }, '1.0.0')
  await publish({ id: 'moving', spec: { version: '1.2.0', ...needs }, files }, '1.2.0')
  await publish({ id: 'moving', spec: { version: '2.0.0' }, files }, '2.0.0')
  const first = await step('plugin', 'install', 'acme/moving@^1')
  expect(first).toMatch(/^generation 1\n\+ moving 1\.2\.0\n\+ needed 1\.0\.0\nwarning: .*not-there.*\n$/)
  expect(await step('plugin', 'install', 'acme/moving@^2')).toBe(
    'generation 2\n~ moving 1.2.0 → 2.0.0\n- needed 1.0.0\n',
  )
  expect(await step('plugin', 'rollback')).toContain('moving 1.2.0')
  const conflict = await tenon(['plugin', 'install', 'acme/moving@^3', '--json'])
  expect([conflict.code, JSON.parse(conflict.stderr)]).toMatchObject([3, { code: 'RESOLVE_UNSATISFIABLE' }])
})

test('where nothing can be got, it is said why', async () => {
  const { tenon, registry, home } = await market()
  const unknown = await tenon(['plugin', 'install', 'nobody'])
  expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('nobody')])
  const nowhere = await tenon(['plugin', 'install', 'nobody', '--registry', 'http://127.0.0.1:1'])
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('REGISTRY_UNREACHABLE')])
  const odd = await tenon(['plugin', 'install', 'nobody', '--registry', 'file:///etc'])
  expect([odd.code, odd.stderr]).toEqual([2, expect.stringMatching(/HTTP_INVALID[\s\S]*\/registry/)])
  const none = await tenonIn(home)(['plugin', 'install', 'nobody'])
  expect([none.code, none.stderr]).toEqual([
    2,
    expect.stringMatching(/REGISTRY_UNREACHABLE: no registry is named\nhint: /),
  ])
  const gone = await tenon(['plugin', 'rollback'])
  expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining('ROLLBACK_IMPOSSIBLE')])
  const malformed = await tenon(['plugin', 'install', 'Not An Id'])
  expect([malformed.code, malformed.stderr]).toEqual([2, expect.stringContaining('REFERENCE_INVALID')])
  expect((await tenon(['plugin', 'uninstall', 'nobody', '--registry', registry.url])).code).toBeGreaterThan(1)
})

test('publishing wants a token of the publisher, and the same version twice is a conflict', async () => {
  const { publish, tenon, home, registry } = await market()
  const root = join(home, 'written/echoing')
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  const none = await tenon(['plugin', 'publish', root])
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/TOKEN_INVALID[\s\S]*Set TENON_TOKEN/)])
  const wrong = await tenon(['plugin', 'publish', root], { env: { TENON_TOKEN: 'wrong' } })
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('TOKEN_INVALID')])
  const made = await tenon(['admin', 'publisher', 'other'], { env: { TENON_TOKEN: registry.adminToken } })
  const token = /: (\S+)\n$/.exec(made.stdout)?.[1] ?? ''
  const foreign = await tenon(['plugin', 'publish', root], { env: { TENON_TOKEN: token } })
  expect([foreign.code, foreign.stderr]).toEqual([expect.any(Number), expect.stringMatching(/^error [A-Z_]+: /)])
  expect(foreign.code).toBeGreaterThan(0)
  const denied = await tenon(['admin', 'publisher', 'acme'], { env: { TENON_TOKEN: token } })
  expect([denied.code, denied.stderr]).toEqual([2, expect.stringContaining('TOKEN_INVALID')])
  writeFileSync(join(root, 'src/act.ts'), `${ECHO}// changed\n`)
  await tenon(['plugin', 'derive', root])
  const acme = (
    await tenon(['admin', 'publisher', 'acme', '--json'], { env: { TENON_TOKEN: registry.adminToken } })
  ).json()
  const twice = await tenon(['plugin', 'publish', root], { env: { TENON_TOKEN: acme.token } })
  expect([twice.code, twice.stderr]).toEqual([3, expect.stringContaining('PUBLISH_CONFLICT')])
  expect(readdirSync(join(home, '.local/share/tenon/keys'))).toContain('publisher-acme.pem')
})

test('a registry that is none is named', async () => {
  const { tenon, host } = await market()
  const { url } = await host()
  const env = { TENON_TOKEN: 'x' }
  const notThere = await tenon(['admin', 'publisher', 'acme', '--registry', 'http://127.0.0.1:1'], { env })
  expect([notThere.code, notThere.stderr]).toEqual([
    2,
    expect.stringContaining('REGISTRY_UNREACHABLE: http://127.0.0.1:1 does not answer'),
  ])
  const noUrl = await tenon(['admin', 'publisher', 'acme', '--registry', 'nonsense'], { env })
  expect([noUrl.code, noUrl.stderr]).toEqual([2, expect.stringContaining('REGISTRY_UNREACHABLE')])
  const secure = await tenon(['admin', 'publisher', 'acme', '--registry', url.replace('http:', 'https:')], { env })
  expect([secure.code, secure.stderr]).toEqual([2, expect.stringContaining('does not answer')])
  const other = await tenon(['admin', 'publisher', 'acme', '--registry', `${url}/`], { env })
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('TOKEN_INVALID')])
})

test('of files it is said what grants them, and that nobody counts their use', async () => {
  const { publish, tenon } = await market()
  const step = stepper(tenon)
  const permissions = [
    { capability: 'fs:read:${dataset}/**', reason: 'reads' },
    { capability: 'fs:read:${workspace}/notes/**', reason: 'looks' },
    { capability: 'storage:kv', reason: 'keeps' },
  ]
  await publish({ id: 'reader', spec: { permissions }, files: { 'src/act.ts': ECHO } })
  await step('plugin', 'install', 'acme/reader')
  const inspected = await step('plugin', 'inspect', 'reader')
  expect(inspected).toMatch(/^fs:read:\$\{dataset\}\/\*\* +by each run +not counted +reads$/m)
  expect(inspected).toMatch(/^fs:read:\$\{workspace\}\/notes\/\*\* +not granted +not counted +looks$/m)
  expect(inspected).toMatch(/^storage:kv +not granted +never used +keeps$/m)
})

test('where nothing was installed no key may sign, and nothing is revoked', async () => {
  const tenon = tenonIn(temporaryFolder())
  expect((await tenon(['key', 'list'])).stdout).toBe('no keys\nnothing is revoked\n')
  expect((await tenon(['key', 'list', '--json'])).json()).toEqual({ keys: [], here: [], heard: [] })
})
