import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import type { Governed } from './governed.ts'
import { copyOf, guarded, withText } from './guarded.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenon-guard-program-'))
let origin: Governed
let card: string
beforeAll(async () => {
  origin = await guarded(join(folder, 'origin'), ['one'], { isSealed: true })
  card = `ids/cards/${JSON.parse(origin.read('plugins/one/plugin.spec.json')).uid}.yaml`
  origin.commit({ 'docs/free.md': 'Free.\n' })
})
afterAll(() => rmSync(folder, { recursive: true }))

const counted = process.env['TENON_V8_COVERAGE']
const SOURCE = fileURLToPath(new URL('../../authoring/src/guard/program.ts', import.meta.url))

describe.each([
  ['the guard of a repository', 'scripts/ids/guard.mjs'],
  ['its source', SOURCE],
])('%s as a program', (_, program) => {
  const node = (words: readonly string[], cwd: string) => {
    const env = { ...origin.world.env, ...(counted === undefined ? {} : { NODE_V8_COVERAGE: counted }) }
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd, env, encoding: 'utf8' })
    return [status, stdout, stderr]
  }
  const run = (repository: Governed, ...words: string[]) => node([program, ...words], repository.folder)

  test('says of each guard what it looked at, and ends with 0 when nothing is wrong', () => {
    const all =
      /^ok {3}immutability \(\d+ checked\)\nok {3}structure \(\d+ checked\)\nok {3}uniqueness \(\d+ checked\)\nok {3}one artifact \(0 checked\)\n$/
    expect(run(origin)).toEqual([0, expect.stringMatching(all), ''])
    const some = /^ok {3}structure \(\d+ checked\)\nok {3}uniqueness \(\d+ checked\)\n$/
    for (const words of [['uniqueness', 'structure'], ['state'], ['state', '--head', 'main']])
      expect(run(origin, ...words)).toEqual([0, expect.stringMatching(some), ''])
    expect(run(origin, 'state', 'uniqueness')).toEqual([0, expect.stringMatching(/^ok {3}uniqueness .*\n$/), ''])
  })

  test('ends with 1 when something is, with file, line and what to do, as text or JSON', () => {
    const refused = copyOf(origin)
    refused.commit(withText(refused, card, 'Ada', 'Eve'))
    const hint = 'Take it back as it was; to correct it, run "tenon ids new --supersede" with its id.'
    const line = `${card}:7 CARD_CHANGED a card never changes (${hint})`
    const [status, stdout, stderr] = run(refused, 'immutability')
    expect([status, String(stdout).split('\n'), stderr]).toEqual([
      1,
      [expect.stringMatching(/^FAIL immutability \(\d+ checked\)$/), line, ''],
      '',
    ])
    expect(run(refused, 'uniqueness')).toEqual([0, expect.stringMatching(/^ok {3}uniqueness .*\n$/), ''])
    const [failed, json] = run(refused, 'immutability', 'uniqueness', '--json', '--base', 'main')
    expect([failed, JSON.parse(String(json))]).toMatchObject([
      1,
      {
        base: origin.git('rev-parse', 'main'),
        head: refused.git('rev-parse', 'HEAD'),
        guards: [{ gate: 'immutability' }, { gate: 'uniqueness', problems: [] }],
        problems: [{ file: card, line: 7, code: 'CARD_CHANGED', hint }],
      },
    ])
  })

  test('holds what was merged to its tags, of which none has a line', () => {
    const repository = copyOf(origin)
    repository.git('tag', '-d', 'plugin/one/v0.1.0')
    const missing = 'refs/tags/plugin/one/v0.1.0 TAG_CONFLICT is missing (Run "tenon ids tag --push".)\n'
    expect(run(repository, '--merged', '--base', 'main')).toEqual([1, expect.stringContaining(missing), ''])
    expect(run(repository, '--merged')).toEqual([1, expect.stringContaining(missing), ''])
  })

  test('lets what comes from a change steer no terminal', () => {
    const repository = copyOf(origin)
    repository.commit({ 'plugins/one/src/\u{1b}[2J.ts': '' })
    const [status, stdout] = run(repository, 'structure')
    expect([status, stdout]).toEqual([1, expect.stringContaining('plugins/one/src/\\u{1b}[2J.ts:1 TREE ')])
    expect(stdout).not.toContain('\u{1b}')
  })

  test('says in what way it was called wrong, and guards nothing', () => {
    const known = 'immutability, structure, uniqueness, one artifact, state'
    for (const [words, told] of [
      [['everything'], `error USAGE: there is no guard "everything"\nhint: Name some of ${known}.\n`],
      [['--base=--all'], 'error USAGE: "--all" is no revision\n'],
      [['--fix'], expect.stringMatching(/^error USAGE: Unknown option '--fix'/)],
      [['--head'], expect.stringMatching(/^error USAGE: Option '--head <value>' argument missing\n/)],
      [['--base', 'nowhere'], expect.stringMatching(/^error GIT_FAILED: git failed: .*/)],
    ] as const)
      expect([words, ...run(origin, ...words)]).toEqual([words, 2, '', told])
    const nowhere = temporaryFolder()
    const guard = program === SOURCE ? SOURCE : origin.path(program)
    expect(node([guard], nowhere)).toEqual([
      5,
      '',
      `error REPOSITORY_UNKNOWN: ${nowhere} is in no git repository\nhint: Run "git init".\n`,
    ])
  })

  test('writes the registry that the committed ledger implies', () => {
    const repository = copyOf(origin)
    writeFileSync(repository.path('ids/registry.yaml'), '')
    expect(run(repository, 'registry')).toEqual([0, '', ''])
    expect(repository.git('status', '--porcelain')).toBe('')
  })

  test('does nothing when it is imported, until it is asked to', () => {
    const guard = pathToFileURL(program === SOURCE ? SOURCE : origin.path(program)).href
    const asked = (code: string) => node(['--input-type=module', '-e', code], origin.folder)
    expect(asked(`import ${JSON.stringify(guard)}`)).toEqual([0, '', ''])
    const code = `import { run } from ${JSON.stringify(guard)}\nprocess.exitCode = await run(['everything'])`
    expect(asked(code)).toEqual([2, '', expect.stringContaining('there is no guard "everything"')])
  })
})
