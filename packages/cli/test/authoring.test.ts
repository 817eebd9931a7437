import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Tenon } from './in-process.ts'

async function withPlugin(...more: string[]): Promise<{ home: string; root: string; tenon: Tenon }> {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  const made = await tenon(['plugin', 'new', 'hello-world', ...more])
  expect([made.code, made.stderr]).toEqual([0, ''])
  return { home, tenon, root: join(home, 'plugins/hello-world') }
}

test.each(['node', 'python', 'remote', 'map'])('a new plugin of kind %s validates at once', async (kind) => {
  const { tenon, root } = await withPlugin('--kind', kind, '--publisher', 'acme')
  const validated = await tenon(['plugin', 'validate', 'hello-world', '--json'])
  expect([validated.code, validated.json()]).toMatchObject([0, { root, problems: [] }])
  const { code, stdout } = await tenon(['plugin', 'validate'], { cwd: root })
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok {3}spec \(1 checked\)\n(ok {3}.*\n)+$/)])
})

test('what is made is listed, and a folder that is there is not written over', async () => {
  const { tenon, root } = await withPlugin()
  const again = await tenon(['plugin', 'new', 'hello-world', '--json'])
  expect([again.code, JSON.parse(again.stderr)]).toMatchObject([3, { code: 'PLUGIN_EXISTS' }])
  const other = await tenon(['plugin', 'new', 'other', '--in', 'elsewhere'])
  const [first, ...files] = other.stdout.trimEnd().split('\n')
  expect([first, files]).toEqual([
    `made ${join(root, '../../elsewhere/other')}`,
    expect.arrayContaining(['  plugin.spec.json']),
  ])
})

test('derived files that were edited are drift until they are derived again', async () => {
  const { tenon, root } = await withPlugin()
  const check = (...more: string[]) => tenon(['plugin', 'derive', 'hello-world', '--check', ...more])
  expect(await check()).toMatchObject({ code: 0, stdout: 'derived files are what the spec implies\n' })
  expect(await tenon(['plugin', 'derive', 'hello-world'])).toMatchObject({ code: 0, stdout: 'nothing to derive\n' })
  appendFileSync(join(root, 'README_PLUGIN.md'), 'edited\n')
  rmSync(join(root, 'policy_snapshot.json'))
  const drifted = await check()
  expect(drifted).toMatchObject({ code: 1, stderr: '' })
  expect(drifted.stdout).toContain('README_PLUGIN.md')
  expect((await check('--json')).json().problems.length).toBeGreaterThan(1)
  expect(existsSync(join(root, 'policy_snapshot.json'))).toBe(false)
  const derived = await tenon(['plugin', 'derive', 'hello-world', '--json'])
  expect(derived.json()).toMatchObject({ root, written: expect.arrayContaining(['policy_snapshot.json']) })
  expect((await check()).code).toBe(0)
})

test('every problem of a plugin is told with its place', async () => {
  const { tenon, root } = await withPlugin()
  const path = join(root, 'plugin.spec.json')
  const { operations: _, ...spec } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  writeFileSync(path, JSON.stringify({ ...spec, versio: '1', runtime: { kind: 'node', entri: 'x' } }, null, 2))
  const { code, stdout, stderr } = await tenon(['plugin', 'validate', 'hello-world'])
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toMatch(/^FAIL spec/m)
  expect(stdout).toMatch(/plugin\.spec\.json:\d+ .*versio.*\(.*version.*\)/)
  const packed = await tenon(['plugin', 'pack', 'hello-world'])
  expect([packed.code, packed.stderr]).toEqual([1, expect.stringMatching(/SPEC_INVALID[\s\S]*plugin\.spec\.json:\d+/)])
})

test('a plugin that is not there is named', async () => {
  const { tenon } = await withPlugin()
  const validated = await tenon(['plugin', 'validate', 'nobody'])
  expect([validated.code, validated.stderr]).toEqual([5, expect.stringMatching(/PLUGIN_UNKNOWN: .*\/nobody\n/)])
  const packed = await tenon(['plugin', 'pack', 'nobody'])
  expect([packed.code, packed.stderr]).toEqual([1, expect.stringMatching(/nobody[\s\S]*plugin\.spec\.json is missing/)])
})

test('a plugin is packed with the key of its publisher, the same bytes each time', async () => {
  const { tenon, home, root } = await withPlugin('--publisher', 'acme')
  const pack = async (out: string) => (await tenon(['plugin', 'pack', 'hello-world', '--out', out, '--json'])).json()
  const [one, two] = [await pack('one'), await pack('two')]
  expect(readdirSync(join(home, 'one'))).toEqual(['hello-world-0.1.0.dsse.json', 'hello-world-0.1.0.tgz'])
  expect(two).toEqual({ ...one, archive: expect.stringContaining('two'), envelope: expect.stringContaining('two') })
  expect(readFileSync(one.archive).equals(readFileSync(two.archive))).toBe(true)
  expect(readdirSync(join(home, '.local/share/tenon/keys'))).toEqual(['publisher-acme.pem'])
  const path = join(root, 'plugin.spec.json')
  const { publisher: _, ...spec } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  writeFileSync(path, JSON.stringify(spec))
  await tenon(['plugin', 'derive', 'hello-world'])
  const elsewhere = await tenon(['plugin', 'pack', 'hello-world', '--data-dir', 'data'])
  expect(elsewhere.stdout).toMatch(/^packed hello-world@0\.1\.0 \(sha256:/)
  expect(readdirSync(join(home, 'data/keys'))).toEqual(['publisher-local.pem'])
})

const HOST = {
  id: 'my-plugin',
  name: 'Mine',
  version: '1.0.0',
  contracts: ['MinePlugin'],
  description: 'A plugin',
  traits: ['audit_required'],
  endpoints: { list: '/api/list' },
  security: { authentication_required: true, data_classification: ['internal'] },
  compliance: { hipaa_controls: [], audit_level: 'basic' },
  health_check: { type: 'http', endpoint: '/health', interval: 30, timeout: 5 },
}

test('a foreign manifest is judged by the rules of its dialect', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  const validate = async (manifest: object, ...more: string[]) => {
    writeFileSync(join(home, 'manifest.json'), JSON.stringify(manifest))
    return tenon(['plugin', 'validate', 'manifest.json', '--dialect', 'host', ...more])
  }
  const good = await validate(HOST)
  expect([good.stdout, good.code]).toEqual([expect.stringMatching(/valid: my-plugin 1\.0\.0\n$/), 0])
  const { description: _, ...terse } = HOST
  expect((await validate(terse)).stdout).toMatch(/^warning manifest\.json:1 .*\nvalid: my-plugin 1\.0\.0\n$/)
  const bad = await validate({ ...HOST, id: 'My Plugin', contracts: ['Wrong'], traits: ['admin'] })
  expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/^error manifest\.json:1 /m)])
  expect(bad.stdout).toMatch(/\d+ problem\(s\)\n$/)
  const json = await validate({ ...HOST, version: 'one' }, '--json')
  expect([json.code, json.json()]).toMatchObject([1, { valid: false, problems: [{ pointer: '/version' }] }])
})
