import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryRepository } from '@tenon/testkit'
import { tenonIn } from './in-process.ts'

const BASE = `pack: base
version: 1.0.0
released: 2026-01-01
rules:
  - id: answers-in-time
    set:
      operation.timeoutMs: { max: 30000 }
      documents.required: { union: [CHANGELOG.md] }
    reason: Nobody waits for longer.
    owner: platform
`
const PERSONS = `pack: persons
version: 2.1.0
released: 2026-02-01
rules:
  - id: quickly
    when: { runtime: [node] }
    set:
      operation.timeoutMs: { max: 1000 }
    reason: Persons are impatient.
    owner: privacy
  - id: sure
    when: { plugins: [hello-world] }
    set:
      documents.required: { union: [plugin.spec.json] }
    lock: true
    reason: It is looked at.
    owner: privacy
`
const WAIVER = `plugin: hello-world
key: operation.timeoutMs
value: 20000
pack: persons
approver: ada
reason: It greets at length.
expires: 2026-06-30
`

/** For git: no settings of the machine. */
const ENV = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
}

/** A repository with packs and two plugins, all of it committed. */
async function repository(files: Record<string, string> = {}) {
  const { folder, git, commit } = temporaryRepository()
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const inHome = tenonIn(folder)
  const tenon = (...argv: string[]) => inHome(argv, { env: ENV })
  put('policies/base/1.0.0/pack.yaml', BASE)
  put('policies/persons/2.1.0/pack.yaml', PERSONS)
  for (const id of ['hello-world', 'other']) {
    const made = await tenon('plugin', 'new', id, '--publisher', 'acme')
    expect([made.code, made.stderr]).toEqual([0, ''])
    const spec = join(folder, 'plugins', id, 'plugin.spec.json')
    writeFileSync(spec, readFileSync(spec, 'utf8').replace('"input": true', '"timeoutMs": 1000, "input": true'))
  }
  for (const [path, text] of Object.entries(files)) put(path, text)
  for (const id of ['hello-world', 'other']) await tenon('plugin', 'derive', id)
  commit({})
  const commitOn = (date: string) =>
    execFileSync('git', ['commit', '-q', '--allow-empty', '-m', date], {
      cwd: folder,
      env: { ...ENV, GIT_COMMITTER_DATE: date },
    })
  return { folder, put, tenon, git, commit, commitOn }
}

test('explain names value, winner, losers and waiver, each with pack, layer, file and line', async () => {
  const { tenon } = await repository({ 'policies/waivers/slow.yaml': WAIVER.replace('2026-06-30', '2999-12-31') })
  const one = await tenon('policy', 'explain', 'hello-world', 'operation.timeoutMs')
  expect([one.code, one.stderr]).toEqual([0, ''])
  const all = await tenon('policy', 'explain', 'plugins/hello-world')
  expect(all.stdout).toContain(one.stdout)
  const texts = [one.stdout, all.stdout, (await tenon('policy', 'explain', 'other', 'operation.timeoutMs')).stdout]
  await expect(texts.join('\n')).toMatchFileSnapshot('golden/policy-explain.txt')
  const json = (await tenon('policy', 'explain', 'hello-world', 'operation.timeoutMs', '--json')).json()
  expect(json).toMatchObject({
    plugin: 'hello-world',
    keys: [
      {
        key: 'operation.timeoutMs',
        outcome: {
          value: 20_000,
          winners: [],
          losers: [
            { pack: 'persons@2.1.0', layer: 'domain', file: 'policies/persons/2.1.0/pack.yaml', line: 8 },
            { pack: 'base@1.0.0', layer: 'organisation', line: 7 },
          ],
          waiver: { file: 'policies/waivers/slow.yaml', line: 3, approver: 'ada' },
        },
        problems: [],
      },
    ],
  })
})

test('explain names what is wrong with a waiver, and the key that was meant', async () => {
  const { tenon } = await repository({ 'policies/waivers/slow.yaml': WAIVER.replace('20000', '500') })
  const { stdout } = await tenon('policy', 'explain', 'hello-world', 'operation.timeoutMs')
  expect(stdout).toMatch(/ {2}wrong {3}policies\/waivers\/slow\.yaml:3 loosens nothing/)
  const misspelt = await tenon('policy', 'explain', 'hello-world', 'operation.timeoutM', '--json')
  expect([misspelt.code, JSON.parse(misspelt.stderr)]).toMatchObject([
    5,
    { code: 'POLICY_KEY_UNKNOWN', hint: 'Did you mean "operation.timeoutMs"?' },
  ])
  const strange = await tenon('policy', 'explain', 'hello-world', 'zzz')
  expect(strange.stderr).toContain('Known keys: capabilities.denied, ')
})

test('impact says which plugins a pack would fail, key by key, and changes nothing', async () => {
  const { tenon, put, git } = await repository()
  put('proposed/pack.yaml', PERSONS.replace('2.1.0', '2.2.0').replace('1000', '500').replace('[node]', '[node, map]'))
  put('strict.yaml', BASE.replace('CHANGELOG.md', 'CHANGELOG.md, SECURITY.md').replace('30000', '20000'))
  git('add', '-A')
  const before = git('status', '--porcelain')
  const impact = await tenon('policy', 'impact', 'proposed', 'strict.yaml')
  expect([impact.code, impact.stderr]).toEqual([1, ''])
  await expect(impact.stdout).toMatchFileSnapshot('golden/policy-impact.txt')
  const json = (await tenon('policy', 'impact', 'proposed', '--json')).json()
  expect(json.plugins).toMatchObject([
    {
      plugin: 'hello-world',
      fails: true,
      keys: [
        {
          key: 'operation.timeoutMs',
          before: 1000,
          after: 500,
          problems: [{ code: 'POLICY_LIMIT', file: 'plugin.spec.json', line: expect.any(Number) }],
        },
      ],
    },
    { plugin: 'other', fails: true },
  ])
  expect(git('status', '--porcelain')).toBe(before)
})

test('impact compares the packs of the working tree with those of a revision', async () => {
  const { tenon, put, commit } = await repository()
  const same = await tenon('policy', 'impact')
  expect([same.code, same.stdout]).toEqual([
    0,
    'hello-world: would pass\nother: would pass\n0 of 2 plugin(s) would fail\n',
  ])
  put('policies/base/1.1.0/pack.yaml', BASE.replace('1.0.0', '1.1.0').replace('30000', '400'))
  const changed = await tenon('policy', 'impact')
  expect([changed.code, changed.stdout]).toEqual([1, expect.stringContaining('operation.timeoutMs: 1000 → 400')])
  commit({})
  expect((await tenon('policy', 'impact')).stdout).toContain('operation.timeoutMs: 400, as before')
  const earlier = await tenon('policy', 'impact', '--against', 'HEAD~1')
  expect(earlier.stdout).toContain('operation.timeoutMs: 1000 → 400')
})

test('impact finds a waiver that a new pack locks out', async () => {
  const { tenon, put } = await repository({ 'policies/waivers/slow.yaml': WAIVER.replace('2026-06-30', '2999-12-31') })
  expect((await tenon('policy', 'impact')).code).toBe(0)
  put('locked.yaml', PERSONS.replace('    reason: Persons', '    lock: true\n    reason: Persons'))
  const { code, stdout } = await tenon('policy', 'impact', 'locked.yaml')
  expect([code, stdout]).toEqual([1, expect.stringContaining('the rule "quickly" of persons@2.1.0 is locked')])
})

test('impact refuses what cannot be judged', async () => {
  const { tenon, put } = await repository()
  put('bad.yaml', BASE.replace('max', 'min'))
  const refusal = async (...words: string[]) => {
    const { code, stderr } = await tenon('policy', 'impact', ...words)
    return [code, stderr.split('\n')[0]?.split(' ')[1]]
  }
  expect(await refusal('bad.yaml')).toEqual([2, 'POLICY_INVALID:'])
  expect(await refusal('nowhere')).toEqual([2, 'USAGE:'])
  expect(await refusal('--against', 'HEAD', 'bad.yaml')).toEqual([2, 'USAGE:'])
  expect(await refusal('--against', 'nowhere')).toEqual([2, 'GIT_FAILED:'])
  put('plugins/other/plugin.spec.json', '{}')
  const { code, stdout } = await tenon('policy', 'impact')
  expect([code, stdout]).toEqual([1, expect.stringMatching(/^other: would fail\n {2}plugin\.spec\.json:1 /m)])
})

test('nothing is derived, or compared with what would be, by policies that cannot be read', async () => {
  const { tenon, put } = await repository()
  put('policies/base/1.0.0/pack.yaml', 'pack: [')
  for (const more of [[], ['--check']]) {
    const { code, stderr } = await tenon('plugin', 'derive', 'other', ...more)
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/POLICY_INVALID[\s\S]*policies\/base\/1\.0\.0\/pack\.yaml:1 /),
    ])
  }
})

test('without a plugin impact judges nothing, and says so', async () => {
  const { tenon, folder, put } = await repository()
  rmSync(join(folder, 'plugins'), { recursive: true })
  put('plugins/README.md', 'Plugins come here.')
  const { code, stderr } = await tenon('policy', 'impact')
  expect([code, stderr]).toEqual([5, expect.stringContaining(`there is no plugin under ${join(folder, 'plugins')}`)])
})

test('a waiver is judged as of the newest commit, and outside of git as of now', async () => {
  const { tenon, folder, commitOn } = await repository({ 'policies/waivers/slow.yaml': WAIVER })
  const validated = async (time = {}) => {
    const { code, stdout } = await tenonIn(folder)(['plugin', 'validate', 'hello-world'], { env: ENV, time })
    return [code, stdout.includes('was for operation.timeoutMs of hello-world until 2026-06-30')]
  }
  commitOn('2026-06-30T23:59:59Z')
  expect(await validated({ now: () => Date.UTC(2030, 0, 1) })).toEqual([0, false])
  commitOn('2026-07-01T00:00:00Z')
  expect(await validated({ now: () => Date.UTC(2020, 0, 1) })).toEqual([1, true])
  const packed = await tenon('plugin', 'pack', 'hello-world')
  expect([packed.code, packed.stderr]).toEqual([1, expect.stringContaining('policies/waivers/slow.yaml:7')])
  rmSync(join(folder, '.git'), { recursive: true })
  expect(await validated({ now: () => Date.UTC(2026, 5, 30, 23) })).toEqual([0, false])
  expect(await validated({ now: () => Date.UTC(2026, 6, 1) })).toEqual([1, true])
})

test('before the first commit the present counts, and without git nothing of a repository is judged', async () => {
  const { tenon, folder } = await repository({ 'policies/waivers/slow.yaml': WAIVER })
  const time = { now: () => Date.UTC(2026, 6, 1) }
  const words = ['plugin', 'validate', 'hello-world']
  const without = await tenonIn(folder)(words, { env: { ...ENV, PATH: '/nowhere' }, time })
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('there is no git on the PATH')])
  rmSync(join(folder, '.git'), { recursive: true })
  const empty = temporaryRepository(folder)
  const before = await tenonIn(folder)(words, { env: empty.world.env, time })
  expect([before.code, before.stdout]).toEqual([1, expect.stringContaining('was for operation.timeoutMs')])
  expect((await tenon('plugin', 'validate', 'nobody')).stderr).toContain('PLUGIN_UNKNOWN')
})
