import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { governed, type Governed } from './governed.ts'
import { judged, told } from './guarded.ts'

async function begun(): Promise<Governed> {
  const repository = governed()
  await repository.done('repo', 'init')
  await repository.done('ids', 'new', 'policies/base')
  repository.commit({}, 'Begin')
  return repository
}

describe('repo init', () => {
  test('writes what governs, twice the same, and the repository is in order', async () => {
    const repository = governed()
    const { written } = await repository.done('repo', 'init')
    expect(written.length).toBeGreaterThan(12)
    await repository.done('repo', 'init', '--check')
    expect((await repository.done('repo', 'init')).written).toEqual([])
    await repository.done('ids', 'new', 'policies/base')
    repository.commit({})
    await repository.done('ledger', 'verify')
    const { stdout } = await repository.tenon('repo', 'init')
    expect(stdout).toBe('nothing to write\n')
  })

  test('writes over nothing: what is there with other content is listed, and nothing written', async () => {
    const repository = governed()
    const mine = { 'scripts/ids/guard.mjs': 'mine\n', '.github/workflows/id-guard.yml': 'mine\n' }
    repository.commit(mine)
    const { code, stderr } = await repository.tenon('repo', 'init')
    expect([code, stderr]).toEqual([3, expect.stringContaining('FILE_EXISTS: 2 file(s)')])
    for (const path of Object.keys(mine)) expect(stderr).toContain(path)
    expect(repository.git('status', '--porcelain')).toBe('')
  })

  test('leaves what a repository has of its own', async () => {
    const repository = governed()
    const pack = 'pack: mine\nversion: 1.0.0\nreleased: 2026-01-01\nrules: []\n'
    const own = {
      '.gitattributes': '* -text\n',
      'tenon.json': '{"version":1}\n',
      'policies/mine/1.0.0/pack.yaml': pack,
    }
    repository.commit(own)
    const { written } = await repository.done('repo', 'init')
    expect(written.filter((path: string) => path in own || path.startsWith('policies/'))).toEqual([])
    for (const [path, text] of Object.entries(own)) expect(repository.read(path)).toBe(text)
  })

  test('--check names each file that is not what would be written', async () => {
    const repository = await begun()
    writeFileSync(repository.path('scripts/ids/build_registry.ts'), 'other\n')
    writeFileSync(repository.path('tenon.json'), '{"version":1,"plugins":{"a":"*"}}\n')
    repository.git('rm', '-q', '.github/workflows/id-release.yml')
    const { code, stdout } = await repository.tenon('repo', 'init', '--check')
    expect(code).toBe(1)
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^\.github\/workflows\/id-release\.yml is missing/),
      expect.stringMatching(/^scripts\/ids\/build_registry\.ts is not what/),
    ])
  })
})

describe('the scripts', () => {
  const script = ({ folder, world }: Governed, name: string): string =>
    execFileSync(process.execPath, [`scripts/ids/${name}.ts`], { cwd: folder, env: world.env, encoding: 'utf8' })

  test('run by plain Node, and say what the command says', async () => {
    const repository = await begun()
    repository.commit({ 'docs/free.md': 'Free.\n' })
    expect(script(repository, 'ensure_immutability')).toMatch(/^ok {3}immutability/)
    expect(script(repository, 'validate_structure')).toMatch(/^ok {3}structure.*\nok {3}uniqueness/)
    writeFileSync(repository.path('ids/registry.yaml'), '')
    script(repository, 'build_registry')
    expect(repository.git('status', '--porcelain')).toBe('')
  })

  test('end with 1 when something is wrong', async () => {
    const repository = await begun()
    repository.commit({ 'plugins/one/.github/a.yml': '' })
    expect(() => script(repository, 'validate_structure')).toThrow(/REPOSITORY_ASSET|status 1|Command failed/)
  })
})

describe('the change that brings the guard', () => {
  async function bringing(files: Record<string, string>): Promise<string[]> {
    const repository = governed()
    const base = repository.commit({ 'README.md': 'Mine.\n' })
    await repository.done('repo', 'init')
    await repository.done('ids', 'new', 'policies/base')
    repository.commit(files)
    return told(await judged(repository, { base }))
  }

  test('brings ledger and registry as they begin, and is held to no other guard', async () => {
    expect(await bringing({})).toEqual([])
    expect(await bringing({ 'ids/registry.yaml': 'mine\n' })).toEqual(['LEDGER_TOUCHED ids/registry.yaml'])
  })
})
