import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { nodeDisk } from '@tenon/bundle'
import { newPlugin } from '@tenon/authoring'
import { expect, test } from 'vitest'
import { ECHO, market, stepper, type Market } from './market.ts'

const RULE = `export default { id: 'r', kind: 'rule', version: '1.0.0', emitsRuleIds: ['r'], defaultSeverity: 'info', evaluate: () => [] }`

/** The file of that name of a plugin in the store, with another text. */
function change(project: string, id: string, name: string, text: (before: string) => string): void {
  const store = join(project, '.tenon/store')
  const paths = readdirSync(store, { recursive: true, encoding: 'utf8' })
  const isOf = (path: string): boolean => JSON.parse(readFileSync(join(store, path), 'utf8')).id === id
  const folder = dirname(paths.find((path) => basename(path) === 'manifest.json' && isOf(path)) ?? '')
  const path = paths.find((one) => one.startsWith(`${folder}/`) && one.endsWith(name)) ?? ''
  chmodSync(join(store, path), 0o644)
  writeFileSync(join(store, path), text(readFileSync(join(store, path), 'utf8')))
}

const refusals = async ({ tenon }: Market, env: Record<string, string> = {}): Promise<unknown[]> => {
  const found = await tenon(['admin', 'audit', '--action', 'plugin.refused', '--json'], { env })
  return found.json().items.map(({ target, reason }: Record<string, string>) => [target, reason])
}

test('a file that is changed while a host serves is not started from, others are, and installing again mends it', async () => {
  const here = await market()
  const { publish, host, tenon, project } = here
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  await publish({ id: 'other', files: { 'src/act.ts': ECHO } })
  const { adminToken } = await host()
  const env = { TENON_TOKEN: adminToken }
  const step = stepper((argv) => tenon(argv, { env }))
  await step('plugin', 'install', 'acme/echoing', 'acme/other')
  for (const id of ['echoing', 'other']) await step('plugin', 'enable', id)
  change(project, 'echoing', 'act.in.schema.json', (text) => text.replace('{', '{ '))
  const refused = await tenon(['call', 'echoing', 'act', '--input', 'tenon.json'], { env })
  expect([refused.code, refused.stderr]).toEqual([
    5,
    expect.stringMatching(/BUNDLE_CONTENT_MISMATCH: the stored "echoing" was changed: schemas\/act\.in\.schema\.json/),
  ])
  expect(await refusals(here, env)).toEqual([
    ['echoing', expect.stringMatching(/^BUNDLE_CONTENT_MISMATCH: .*schemas\/act\.in\.schema\.json/)],
  ])
  expect(await step('plugin', 'inspect', 'echoing')).toContain('would not start: BUNDLE_CONTENT_MISMATCH: ')
  await step('call', 'other', 'act', '--input', 'tenon.json')
  await step('plugin', 'install')
  await step('call', 'echoing', 'act', '--input', 'tenon.json')
})

test('a host opens over a plugin that is not what was installed, and refuses that one', async () => {
  const { publish, tenon, project } = await market()
  const step = stepper(tenon)
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  await step('plugin', 'install', 'acme/echoing')
  await step('plugin', 'enable', 'echoing')
  const generation = join(project, '.tenon/current/generation.json')
  const text = readFileSync(generation, 'utf8')
  chmodSync(generation, 0o644)
  writeFileSync(generation, text.replace(/("manifestDigest": "sha256:)\w{8}/, '$100000000'))
  expect(await step('plugin', 'list')).toMatch(/^echoing +1\.0\.0 +node +active/m)
  const refused = await tenon(['call', 'echoing', 'act', '--input', 'tenon.json'])
  expect([refused.code, refused.stderr]).toEqual([
    5,
    expect.stringMatching(/BUNDLE_DIGEST_MISMATCH.*"echoing" is not what was installed\nhint: /),
  ])
  writeFileSync(generation, text)
  await step('call', 'echoing', 'act', '--input', 'tenon.json')
})

test('a store that cannot be read at all is a fault of the machine, not of a plugin', async () => {
  const { publish, tenon, project } = await market()
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  await stepper(tenon)('plugin', 'install', 'acme/echoing')
  const [digest = ''] = readdirSync(join(project, '.tenon/store'))
  const envelope = join(project, '.tenon/store', digest, 'envelope.json')
  rmSync(envelope)
  mkdirSync(envelope)
  const failed = await tenon(['plugin', 'list'])
  expect([failed.code, failed.stderr]).toEqual([2, expect.stringContaining('EISDIR')])
})

test('a map plugin with a changed file takes no part in a scan, and says why', async () => {
  const here = await market()
  const { publish, host, tenon, project } = here
  const { url, adminToken } = await host()
  const env = { TENON_TOKEN: adminToken }
  const step = stepper((argv) => tenon(argv, { env }))
  const runtime = { kind: 'map', extensions: ['src/r.mjs'] }
  const files = { 'src/r.mjs': RULE, 'tests/r.test.mjs': '// none\n' }
  await publish({ id: 'ruling', spec: { runtime, operations: [] }, operations: [], files })
  await step('plugin', 'install', 'acme/ruling')
  await step('plugin', 'enable', 'ruling')
  const scanned = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
    return (await fetch(`${url}/map/api/scan`, { method: 'POST', headers, body: '{}' })).status
  }
  const starts = async (): Promise<number> =>
    JSON.parse(await step('admin', 'audit', '--action', 'plugin.start', '--json')).total
  expect([await scanned(), await starts()]).toEqual([200, 1])
  change(project, 'ruling', 'CHANGELOG.md', (text) => `${text}more\n`)
  expect([await scanned(), await starts()]).toEqual([200, 1])
  expect(await refusals(here, env)).toEqual([['ruling', expect.stringContaining('CHANGELOG.md')]])
})

test('a run is made of what was verified, and of nothing once a file was changed', async () => {
  const here = await market()
  const { home, project, tenon, registry } = here
  const { root } = await newPlugin(nodeDisk, join(home, 'python'), '/policies', {
    ...{ id: 'counter', kind: 'python', publisher: 'acme' },
  })
  await tenon(['plugin', 'derive', root])
  const made = await tenon(['admin', 'publisher', 'acme', '--json'], { env: { TENON_TOKEN: registry.adminToken } })
  expect((await tenon(['plugin', 'publish', root], { env: { TENON_TOKEN: made.json().token } })).stderr).toBe('')
  await stepper(tenon)('plugin', 'install', 'acme/counter')
  const run = (out: string) => tenon(['run', 'counter', '--dataset', root, '--out', join(home, out)])
  expect((await run('sound')).code).toBe(0)
  expect(readdirSync(join(project, '.tenon/data/state/run-code'))).toEqual([])
  change(project, 'counter', 'src/counter/run.py', (text) => `${text}# more\n`)
  const refused = await run('changed')
  expect([refused.code, refused.stderr]).toEqual([
    5,
    expect.stringMatching(/BUNDLE_CONTENT_MISMATCH: .*src\/counter\/run\.py/),
  ])
  expect(readdirSync(home)).not.toContain('changed')
  expect(await refusals(here)).toEqual([['counter', expect.stringContaining('src/counter/run.py')]])
})
