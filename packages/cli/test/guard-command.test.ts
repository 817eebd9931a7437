import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guardText, TOOLKIT } from '@tenon/authoring'
import type { Governed } from './governed.ts'
import { copyOf, guarded, withText } from './guarded.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenon-guard-command-'))
let origin: Governed
beforeAll(async () => {
  origin = await guarded(join(folder, 'origin'), ['one'], { isSealed: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

const GUARD = 'scripts/ids/guard.mjs'
const cardIn = (repository: Governed): string =>
  `ids/cards/${JSON.parse(repository.read('plugins/one/plugin.spec.json')).uid}.yaml`
const codes = (stdout: string): string[] => JSON.parse(stdout).problems.map(({ code }: { code: string }) => code)

describe('ids guard', () => {
  test('says of a change what the guard of its base says, as text, JSON and SARIF', async () => {
    const repository = copyOf(origin)
    const fine = repository.commit({ 'docs/free.md': 'Free.\n' })
    const passed = await repository.tenon('ids', 'guard')
    expect([passed.code, passed.stdout]).toEqual([0, expect.stringContaining('held to the guard of the base')])
    const card = cardIn(repository)
    const head = repository.commit(withText(repository, card, 'Ada', 'Eve'))
    const refused = await repository.tenon('ids', 'guard', '--base', fine)
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining(`${card}:7 CARD_CHANGED`)])
    const { code, stdout } = await repository.tenon('ids', 'guard', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { guardOf: 'base', head }])
    const sarif = JSON.parse((await repository.tenon('ids', 'guard', '--sarif')).stdout)
    expect(sarif.runs[0].results).toContainEqual(expect.objectContaining({ ruleId: 'CARD_CHANGED' }))
    expect((await repository.tenon('ids', 'guard', '--head', fine)).code).toBe(0)
  })

  test('a change that disarms the guard is held to the one before it', async () => {
    const repository = copyOf(origin)
    const disarmed = 'console.log(JSON.stringify({ guards: [], problems: [] }))\nexport const run = () => 0\n'
    repository.commit({ [GUARD]: disarmed, ...withText(repository, cardIn(repository), 'Ada', 'Eve') })
    const { code, stdout } = await repository.tenon('ids', 'guard', '--json')
    expect([code, codes(stdout)]).toEqual([1, expect.arrayContaining(['CARD_CHANGED', 'GUARD_CHANGED'])])
  })

  test('reads commits alone: what lies in the working tree says nothing', async () => {
    const repository = copyOf(origin)
    repository.commit({ 'docs/free.md': 'Free.\n' })
    writeFileSync(repository.path(cardIn(repository)), 'nothing')
    writeFileSync(repository.path(GUARD), 'process.exit(9)')
    expect((await repository.tenon('ids', 'guard')).code).toBe(0)
    repository.git('checkout', '-q', '--', '.')
  })

  test('nothing of the environment and no replaced object gets at the guard', async () => {
    const repository = copyOf(origin)
    const base = repository.git('rev-parse', 'main')
    repository.commit(withText(repository, cardIn(repository), 'Ada', 'Eve'))
    writeFileSync(repository.path('.git/preload.cjs'), 'process.exit(0)')
    repository.git('replace', base, 'HEAD')
    const before = repository.world.env
    const env = { ...before, NODE_OPTIONS: `--require ${repository.path('.git/preload.cjs')}`, GIT_DIR: '/nowhere' }
    const { tenonIn } = await import('./in-process.ts')
    const ended = await tenonIn(repository.folder)(['ids', 'guard', '--base', base, '--json'], { env })
    expect([ended.code, codes(ended.stdout)]).toEqual([1, expect.arrayContaining(['CARD_CHANGED'])])
  })

  test('a base without a guard is told, and held to that of the program only when that is wanted', async () => {
    const repository = copyOf(origin)
    const base = repository.git('rev-list', '--max-parents=0', 'HEAD')
    repository.git('checkout', '-q', '--orphan', 'bare', base)
    repository.git('rm', '-q', '-r', '--cached', 'scripts')
    rmSync(repository.path('scripts'), { recursive: true })
    const bare = repository.commit({})
    await repository.done('repo', 'init')
    repository.commit({}, 'Bring the guard')
    const told = await repository.tenon('ids', 'guard', '--base', bare)
    expect([told.code, told.stderr]).toEqual([1, expect.stringContaining(`GUARD_MISSING: ${bare} has no ${GUARD}`)])
    const first = await repository.tenon('ids', 'guard', '--base', bare, '--bootstrap')
    expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('this program, since the base has none')])
    for (const text of [`${repository.read(GUARD)}\n`, guardText(TOOLKIT, 'process.exit(0)\n')]) {
      repository.commit({ [GUARD]: text })
      const forged = await repository.tenon('ids', 'guard', '--base', bare, '--bootstrap', '--json')
      expect([forged.code, codes(forged.stdout)]).toEqual([1, ['GUARD_CHANGED']])
    }
  })

  test('a guard that reaches no verdict lets nothing pass', async () => {
    const repository = copyOf(origin)
    repository.git('checkout', '-q', 'main')
    for (const broken of ['process.exit(0)\n', 'throw new Error("lost")\n']) {
      repository.commit({ [GUARD]: broken })
      repository.commit({ 'docs/free.md': broken })
      const { code, stderr } = await repository.tenon('ids', 'guard')
      expect([code, stderr]).toEqual([2, expect.stringContaining('GUARD_FAILED')])
    }
  })

  test('on the main branch what was merged last is held to the tags, too', async () => {
    const repository = copyOf(origin)
    repository.git('checkout', '-q', 'main')
    expect((await repository.tenon('ids', 'guard')).code).toBe(0)
    repository.git('tag', '-d', 'plugin/one/v0.1.0')
    const { code, stdout } = await repository.tenon('ids', 'guard', '--json')
    expect([code, codes(stdout)]).toEqual([1, ['TAG_CONFLICT']])
    const since = await repository.tenon('ids', 'guard', '--merged', '--base', 'HEAD^1', '--json')
    expect([since.code, codes(since.stdout)]).toEqual([1, ['TAG_CONFLICT']])
  })

  test('what has no base, or none in common, is told', async () => {
    const repository = copyOf(origin)
    const first = repository.git('rev-list', '--max-parents=0', 'HEAD')
    const alone = await repository.tenon('ids', 'guard', '--head', first, '--merged')
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('is the first commit')])
    repository.git('checkout', '-q', '--orphan', 'apart')
    repository.commit({})
    const apart = await repository.tenon('ids', 'guard')
    expect([apart.code, apart.stderr]).toEqual([2, expect.stringContaining('no commit in common')])
    const option = await repository.tenon('ids', 'guard', '--base=--all')
    expect([option.code, option.stderr]).toEqual([2, expect.stringContaining('"--all" is no revision')])
    repository.git('branch', '-D', 'main')
    const nowhere = await repository.tenon('ids', 'guard')
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('neither origin/main nor main')])
  })

  test('leaves nothing behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tenon-guard-'))
    await copyOf(origin).tenon('ids', 'guard')
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('tenon-guard-'))
    expect(after.filter((name) => !before.includes(name) && !name.startsWith('tenon-guard-command'))).toEqual([])
  })
})
