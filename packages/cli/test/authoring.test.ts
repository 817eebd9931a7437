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

test.each(['node', 'python', 'container', 'remote', 'map'])(
  'a new plugin of kind %s validates at once',
  async (kind) => {
    const { tenon, root } = await withPlugin('--kind', kind, '--publisher', 'acme')
    const validated = await tenon(['plugin', 'validate', 'hello-world', '--json'])
    expect([validated.code, validated.json()]).toMatchObject([0, { root, problems: [] }])
    const { code, stdout } = await tenon(['plugin', 'validate'], { cwd: root })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok {3}spec \(1 checked\)\n(ok {3}.*\n)+$/)])
  },
)

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
  expect(drifted.stdout).toMatch(
    /^--- \/dev\/null\n\+\+\+ policy_snapshot\.json\n[^]*^-edited\n[^]*\ntenon plugin derive hello-world\n$/m,
  )
  const data = (await check('--json')).json()
  expect([data.problems.length, data.mend]).toEqual([data.diffs.length, 'tenon plugin derive hello-world'])
  expect(data.diffs).toContainEqual({ file: 'README_PLUGIN.md', diff: expect.stringContaining('\n-edited\n') })
  const here = await tenon(['plugin', 'derive', '--check'], { cwd: root })
  expect(here.stdout).toMatch(/\ntenon plugin derive\n$/)
  expect(existsSync(join(root, 'policy_snapshot.json'))).toBe(false)
  const derived = await tenon(['plugin', 'derive', 'hello-world', '--json'])
  expect(derived.json()).toMatchObject({ root, written: expect.arrayContaining(['policy_snapshot.json']) })
  expect((await check()).code).toBe(0)
})

test('what was written into a fence is told with its place, and moved by the command that is named', async () => {
  const { tenon, root } = await withPlugin()
  const path = join(root, 'src/plugin.ts')
  const whole = readFileSync(path, 'utf8')
  writeFileSync(path, whole.replace('import { echo }', "import { log } from './log.ts'\nimport { echo }"))
  const check = () => tenon(['plugin', 'derive', 'hello-world', '--check'])
  expect(await check()).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^src\/plugin\.ts:3 .*edited by hand.*\ntenon plugin derive hello-world --adopt\n$/),
  })
  const adopted = await tenon(['plugin', 'derive', 'hello-world', '--adopt'])
  expect(adopted).toMatchObject({
    code: 0,
    stdout: 'moved 1 line(s) from "operations" to src/plugin.ts:9\nderived src/plugin.ts\nderived manifest.json\n',
  })
  expect((await check()).code).toBe(0)
  writeFileSync(path, readFileSync(path, 'utf8').replace(/.*auto:end.*\n/, ''))
  expect((await check()).stdout).toMatch(/^src\/plugin\.ts:3 the fence "operations" does not end .*\n$/)
})

test('what a newer template cannot merge is told with its place and a status of its own, until it is resolved', async () => {
  const { tenon, root } = await withPlugin()
  const change = (path: string, from: string, to: string): void =>
    writeFileSync(join(root, path), readFileSync(join(root, path), 'utf8').replace(from, to))
  change('manifest.json', 'tenon@2', 'tenon@1')
  change('src/echo.ts', 'return', 'return /* mine */')
  const refused = await tenon(['plugin', 'derive', 'hello-world'])
  expect(refused).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/^error DERIVE_CONFLICT: [^]*  src\/echo\.ts:\d[^]*--resolved/),
  })
  expect(readFileSync(join(root, '.derive-conflicts.md'), 'utf8')).toContain('/* mine */')
  const resolved = await tenon(['plugin', 'derive', 'hello-world', '--resolved'])
  expect([resolved.code, resolved.stdout]).toEqual([0, 'derived manifest.json\n'])
  expect((await tenon(['plugin', 'validate', 'hello-world'])).code).toBe(0)
})

test('operations are added, renamed and taken away, and what is left to a person is told', async () => {
  const { tenon, root } = await withPlugin()
  const valid = async () => (await tenon(['plugin', 'validate', 'hello-world'])).code
  const added = await tenon(['plugin', 'add-op', 'hello-world', 'ping', '--no-input', '--summary', 'Answers.'])
  expect([added.code, added.stdout]).toEqual([0, expect.stringMatching(/^added ping\n[^]*  src\/ping\.ts\n/)])
  expect(existsSync(join(root, 'schemas/ping.in.schema.json'))).toBe(false)
  const silent = await tenon(['plugin', 'add-op', 'hello-world', 'note', '--no-output', '--json'])
  expect(silent.json()).toMatchObject({ root, written: expect.arrayContaining(['schemas/note.in.schema.json']) })
  appendFileSync(join(root, 'src/ping.ts'), '// ping pong\n')
  const renamed = await tenon(['plugin', 'rename-op', 'hello-world', 'ping', 'knock'])
  expect(renamed.stdout).toMatch(
    /^renamed ping to knock\n[^]*these lines still say "ping":\n  src\/knock\.ts:\d+ \/\/ ping pong\n$/,
  )
  expect(await valid()).toBe(0)
  appendFileSync(join(root, 'src/note.ts'), "import './knock.ts'\n")
  const refused = await tenon(['plugin', 'remove-op', 'hello-world', 'knock'])
  expect([refused.code, refused.stderr]).toEqual([
    3,
    expect.stringMatching(/OPERATION_IN_USE[^]*src\/note\.ts:\d+ import/),
  ])
  expect(await tenon(['plugin', 'remove-op', 'hello-world', 'knock', '--yes'])).toMatchObject({ code: 0 })
  expect(await valid()).toBe(0)
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
