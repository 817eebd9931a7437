import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { limits } from '@tenon/contract'
import { runSuite, type CaseReport, type RunSm, type SmCall, type SuiteRun } from '@tenon/map'
import { simulatedWorld, temporaryFolder, wallWorld } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { writeFiles, type Files } from './folder-scan.ts'

const ENDED = { exit: 0, stdout: '{}', stderr: '' }
const HOLDS = { type: 'exit-code', value: 0 }

type Parts = { assertions?: unknown[]; invoke?: object; setup?: object; fixture?: string; more?: object }

const caseText = ({ assertions = [HOLDS], invoke = { verb: 'scan' }, setup, fixture, more }: Parts): string =>
  JSON.stringify({ id: 'one', description: 'One.', fixture, setup, invoke, assertions, ...more })

type Given = { files?: Files; scope?: string; runSm?: RunSm; folder?: string }

const reportsOf = (suite: SuiteRun): Promise<CaseReport[]> => Array.fromAsync(runSuite(suite))

async function run(parts: Parts, { files = {}, scope = 'all', runSm = async () => ENDED, folder }: Given = {}) {
  const suite = folder ?? temporaryFolder()
  writeFiles(suite, { 'cases/one.json': caseText(parts), ...files })
  return reportsOf({ folder: suite, scope, world: wallWorld(), runSm, signal: new AbortController().signal })
}

const messages = ([report]: CaseReport[]): string[] =>
  (report?.problems ?? []).map(({ pointer, message }) => `${pointer} ${message}`)

/** Whether the assertion holds of what a run ended with. */
async function holds(assertion: object, ended: Partial<typeof ENDED> = {}, files: Files = {}): Promise<boolean> {
  const [report] = await run({ assertions: [assertion] }, { files, runSm: async () => ({ ...ENDED, ...ended }) })
  expect(report?.problems).toEqual([])
  return report?.passed ?? false
}

describe('a case', () => {
  test('is laid out and run in a folder of its own, with a home of its own and nothing else', async () => {
    const seen: SmCall[] = []
    const parts = {
      fixture: 'f',
      invoke: { verb: 'job', sub: 'run', args: ['x'], flags: ['--json'] },
      setup: { disableAllRules: true },
    }
    const [report] = await run(parts, {
      files: { 'fixtures/f/a/b.md': 'B', 'fixtures/g/c.md': 'C' },
      runSm: async (call) => {
        seen.push(call)
        return ENDED
      },
    })
    expect(report).toMatchObject({ id: 'one', scope: 'spec', passed: true })
    const { argv, env, cwd } = seen[0] as SmCall
    expect(argv).toEqual(['job', 'run', 'x', '--json'])
    expect(env).toMatchObject({
      SKILL_MAP_DISABLE_ALL_RULES: '1',
      HOME: join(cwd, '../home'),
      GIT_CEILING_DIRECTORIES: dirname(cwd),
    })
    expect([env['TENON_HOME'], env['PATH'], env['SKILL_MAP_DISABLE_ALL_PROVIDERS']]).toEqual([
      join(cwd, '../home/.tenon'),
      undefined,
      undefined,
    ])
  })

  test('is scanned before as it says, and only .skill-map stays from scan to scan', async () => {
    const seen: string[] = []
    const files = { 'fixtures/f/f.md': '', 'fixtures/g/g.md': '', 'fixtures/h/h.md': '' }
    const setup = { priorScans: [{ fixture: 'f' }, { fixture: 'g', flags: ['--strict'] }] }
    await run(
      { fixture: 'h', setup, invoke: { verb: 'list' } },
      {
        files,
        runSm: async ({ argv, cwd }) => {
          seen.push(`${argv.join(' ')}: ${readdirSync(cwd, { recursive: true }).sort().join(' ')}`)
          writeFiles(cwd, { [`.skill-map/${seen.length}`]: '', 'left.md': '' })
          return ENDED
        },
      },
    )
    expect(seen).toEqual([
      'scan: f.md',
      'scan --strict: .skill-map .skill-map/1 g.md',
      'list: .skill-map .skill-map/1 .skill-map/2 h.md',
    ])
  })

  test('fails when a scan before it fails', async () => {
    const setup = { priorScans: [{ fixture: 'f' }] }
    const given = { files: { 'fixtures/f/f.md': '' }, runSm: async () => ({ ...ENDED, exit: 2, stderr: 'no' }) }
    expect(messages(await run({ setup }, given))).toEqual(['/setup/priorScans/0 ended with 2: no'])
  })

  test('that takes too long fails, is told to stop, and the next one is played', async () => {
    const folder = temporaryFolder()
    const world = simulatedWorld(1)
    const late = caseText({ more: { id: 'late' } })
    writeFiles(folder, { 'cases/late.json': late, 'cases/one.json': caseText({}) })
    const begun = Promise.withResolvers<AbortSignal>()
    let calls = 0
    const runSm: RunSm = ({ signal }) => {
      calls += 1
      if (calls > 1) return Promise.resolve(ENDED)
      begun.resolve(signal)
      return Promise.withResolvers<typeof ENDED>().promise
    }
    const running = reportsOf({ folder, scope: 'all', world, runSm, signal: new AbortController().signal })
    const signal = await begun.promise
    await world.advance(limits.conformanceCaseMs)
    const reports = await running
    expect(messages(reports)).toEqual([` took more than ${limits.conformanceCaseMs} ms`])
    expect([signal.aborted, reports.map(({ passed }) => passed)]).toEqual([true, [false, true]])
  })

  test('ends with the run that it belongs to', async () => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'cases/one.json': caseText({}) })
    const stopping = new AbortController()
    const runSm: RunSm = () => {
      stopping.abort('SIGINT')
      return Promise.withResolvers<typeof ENDED>().promise
    }
    const running = reportsOf({ folder, scope: 'all', world: wallWorld(), runSm, signal: stopping.signal })
    await expect(running).rejects.toMatchObject({ code: 'CALL_CANCELLED', message: 'stopped by SIGINT' })
  })
})

describe('a case is not run', () => {
  test('that does not fit the format, with everything that is wrong', async () => {
    const assertions = [
      { type: 'exit-cod', value: 0 },
      { type: 'json-path', path: 'a' },
      { type: 'exit-code', value: '0' },
    ]
    const told = messages(await run({ assertions, more: { id: 'other' } }))
    expect(told).toEqual([
      '/id is "other", but the file is "one.json"',
      '/assertions/0/type there is no type of assertion "exit-cod"',
      '/assertions/1/path "a" is no path into JSON',
      '/assertions/1 says nothing of the value: equals, greaterThan, lessThan, matches',
      expect.stringContaining('/assertions/2/value'),
    ])
    expect(messages(await run({ assertions: [], more: { more: 1 } }))).toHaveLength(2)
    expect(messages(await run({ assertions: [{ type: 'stderr-matches', pattern: '(' }] }))).toHaveLength(1)
  })

  test.each([
    [{ args: ['/etc'] }],
    [{ args: ['docs/../../x'] }],
    [{ args: ['~/x'] }],
    [{ flags: ['--db=/tmp/x.db'] }],
    [{ flags: ['--db', '../x.db'] }],
    [{ sub: '..' }],
  ])('whose command line %j leads out of its folder', async (words) => {
    expect(messages(await run({ invoke: { verb: 'scan', ...words } }))).toEqual([
      expect.stringContaining('leads out of the folder of the case'),
    ])
  })

  test.each([['--trust'], ['--trust=evil']])('that has code trusted, as by %s', async (flag) => {
    const prior = { setup: { priorScans: [{ fixture: 'f', flags: [flag, 'evil'] }] } }
    const told = ['a suite cannot have code trusted']
    const bare = (reports: CaseReport[]) => reports[0]?.problems.map(({ message }) => message)
    expect(bare(await run({ invoke: { verb: 'scan', flags: [flag] } }))).toEqual(told)
    expect(bare(await run(prior))).toEqual(told)
  })

  test('that runs a suite itself', async () => {
    expect(messages(await run({ invoke: { verb: 'conformance' } }))).toEqual(['/invoke/verb no suite runs a suite'])
  })

  test.each([['none'], ['..'], ['/etc'], ['f/../..'], ['file.md'], ['']])('whose fixture is %j', async (fixture) => {
    const [report] = await run({ fixture }, { files: { 'fixtures/f/a.md': '', 'fixtures/file.md': '' } })
    expect([report?.passed, report?.problems.length]).toEqual([false, 1])
  })

  test.each([
    ['a repository', '.git/config'],
    ['a repository below', 'docs/.GIT/config'],
    ['settings of one machine', '.skill-map/settings.local.json'],
    ['a database', '.skill-map/skill-map.db'],
  ])('whose fixture holds %s', async (_, path) => {
    const reports = await run({ fixture: 'f' }, { files: { [`fixtures/f/${path}`]: '' } })
    expect(messages(reports)).toEqual([expect.stringContaining("is none of a fixture's")])
  })

  test('of which anything is a link', async () => {
    const folder = temporaryFolder()
    const outside = temporaryFolder()
    writeFiles(outside, { 'secret.json': '{}', 'x.json': caseText({ more: { id: 'x' } }) })
    mkdirSync(join(folder, 'fixtures/f'), { recursive: true })
    mkdirSync(join(folder, 'cases'))
    symlinkSync(join(outside, 'secret.json'), join(folder, 'fixtures/f/a.md'))
    symlinkSync(outside, join(folder, 'fixtures/g'))
    symlinkSync(join(outside, 'x.json'), join(folder, 'cases/x.json'))
    const schema = { type: 'file-contains-verbatim', path: 'a.md', fixture: 'g/secret.json' }
    const reports = await run({ fixture: 'f', assertions: [schema] }, { folder })
    expect(messages(reports)).toEqual(['/fixture "f/a.md" is neither file nor folder'])
    expect(messages(reports.slice(1))).toEqual([' is no file that can be read, a link, or too large'])
    expect(messages(await run({ fixture: 'g' }, { folder }))).toEqual([
      '/fixture there is no folder "g" among the fixtures',
    ])
  })
})

describe('an assertion', () => {
  const stdout = JSON.stringify({ a: [{ b: 'xyz', 'c-d': null }, 5], n: 3, length: 9 })
  test.each<[object, boolean]>([
    [{ path: '$.n', equals: 3 }, true],
    [{ path: '$.n', equals: '3' }, false],
    [{ path: '$', equals: JSON.parse(stdout) }, true],
    [{ path: '$.a.length', equals: 2 }, true],
    [{ path: '$.length', equals: 9 }, true],
    [{ path: '$.a[0].b.length', equals: 3 }, true],
    [{ path: "$['a'][0]['c-d']", equals: null }, true],
    [{ path: '$.a[0].c-d', equals: null }, true],
    [{ path: '$.a[2]', equals: null }, false],
    [{ path: '$.constructor', matches: '' }, false],
    [{ path: '$.a[1]', greaterThan: 4, lessThan: 6 }, true],
    [{ path: '$.a[1]', greaterThan: 5 }, false],
    [{ path: '$.a[1]', lessThan: 5 }, false],
    [{ path: '$.a[0].b', greaterThan: 0 }, false],
    [{ path: '$.a[0].b', matches: '^x.z$' }, true],
    [{ path: '$.n', matches: '^3$' }, true],
    [{ path: '$.a[0].b', matches: '^y' }, false],
    [{ path: '$.none', matches: '' }, false],
  ])('of JSON %j is %j', async (assertion, expected) => {
    expect(await holds({ type: 'json-path', ...assertion }, { stdout })).toBe(expected)
  })

  test('of JSON fails where there is none', async () => {
    expect(await holds({ type: 'json-path', path: '$', equals: 1 }, { stdout: 'words' })).toBe(false)
  })

  test.each(['$..a', '$.a[*]', '$.a[-1]', '$.a[?(@)]', '$.', '$a', 'a.b'])('has no path %s', async (path) => {
    expect(messages(await run({ assertions: [{ type: 'json-path', path, equals: 1 }] }))).toHaveLength(1)
  })

  test('holds of the exit status and of what is told', async () => {
    expect(await holds({ type: 'exit-code', value: 5 }, { exit: 5 })).toBe(true)
    expect(await holds({ type: 'exit-code', value: 0 }, { exit: 5 })).toBe(false)
    expect(await holds({ type: 'stderr-matches', pattern: 'b+$' }, { stderr: 'abb' })).toBe(true)
    expect(await holds({ type: 'stderr-matches', pattern: '^b' }, { stderr: 'abb' })).toBe(false)
  })

  test('whose pattern would take for ever does not hold', async () => {
    const ended = { stderr: `${'a'.repeat(60)}b` }
    expect(await holds({ type: 'stderr-matches', pattern: '^(a+)+$' }, ended)).toBe(false)
  })

  const inScope =
    (files: Files): RunSm =>
    async ({ cwd }) => {
      writeFiles(cwd, files)
      return ENDED
    }

  test.each<[object, boolean]>([
    [{ type: 'file-exists', path: 'out/*.md' }, true],
    [{ type: 'file-exists', path: 'out' }, true],
    [{ type: 'file-exists', path: 'out/../out/a.md' }, false],
    [{ type: 'file-exists', path: '/etc/passwd' }, false],
    [{ type: 'file-exists', path: 'none.md' }, false],
    [{ type: 'file-contains-verbatim', path: 'out/a.md', fixture: 'part.txt' }, true],
    [{ type: 'file-contains-verbatim', path: 'out/b.md', fixture: 'part.txt' }, false],
    [{ type: 'file-contains-verbatim', path: 'out/*.md', fixture: 'part.txt' }, false],
    [{ type: 'file-contains-verbatim', path: 'out/a.md', fixture: '../cases/one.json' }, false],
    [{ type: 'file-matches-schema', path: 'out/n.json', schema: 'node.schema.json' }, true],
    [{ type: 'file-matches-schema', path: 'out/n.json', schema: 'schemas/node.schema.json' }, true],
    [{ type: 'file-matches-schema', path: 'out/bad.json', schema: 'node.schema.json' }, false],
    [{ type: 'file-matches-schema', path: 'out/a.md', schema: 'node.schema.json' }, false],
    [{ type: 'file-matches-schema', path: 'out/n.json', schema: 'none.json' }, false],
  ])('of files %j is %j', async (assertion, expected) => {
    const files = {
      'fixtures/part.txt': 'b\r\n',
      'schemas/node.schema.json':
        '{"$id":"https://s.example/node.schema.json","required":["at"],"properties":{"at":{"$ref":"at.json"}}}',
      'schemas/at.json': '{"$id":"https://s.example/at.json","type":"integer"}',
    }
    const made = { 'out/a.md': 'ab\r\nc', 'out/b.md': 'ab\nc', 'out/n.json': '{"at":1}', 'out/bad.json': '{"at":"1"}' }
    const [report] = await run({ assertions: [assertion] }, { files, runSm: inScope(made) })
    expect([report?.passed, report?.outcomes]).toEqual([expected, [expect.objectContaining({ passed: expected })]])
  })

  test('by a schema that is none does not hold', async () => {
    const schema = { type: 'file-matches-schema', path: 'n.json', schema: 'broken.json' }
    const given = { files: { 'schemas/broken.json': '{"type":5}' }, runSm: inScope({ 'n.json': '1' }) }
    const [report] = await run({ assertions: [schema] }, given)
    expect(report?.outcomes[0]).toMatchObject({ passed: false, came: expect.stringContaining('the schema is invalid') })
  })

  test('follows no link that the program left', async () => {
    const outside = temporaryFolder()
    writeFileSync(join(outside, 'a.md'), 'b')
    const runSm: RunSm = async ({ cwd }) => {
      symlinkSync(outside, join(cwd, 'out'))
      return ENDED
    }
    const [report] = await run({ assertions: [{ type: 'file-exists', path: 'out/a.md' }] }, { runSm })
    expect(report?.passed).toBe(false)
  })

  test('tells what was expected and what came', async () => {
    const [report] = await run(
      { assertions: [{ type: 'json-path', path: '$.n', greaterThan: 4 }, HOLDS] },
      {
        runSm: async () => ({ ...ENDED, stdout }),
      },
    )
    expect(report?.outcomes).toEqual([
      { type: 'json-path', passed: false, expected: '$.n > 4', came: '3' },
      { type: 'exit-code', passed: true, expected: 'exit status 0', came: '0' },
    ])
  })
})

describe('a suite', () => {
  const files = {
    'providers/mine/cases/two.json': caseText({ fixture: 'p', more: { id: 'two' } }),
    'providers/mine/fixtures/p/a.md': '',
  }
  test.each([
    ['all', ['spec one', 'provider:mine two']],
    ['spec', ['spec one']],
    ['provider:mine', ['provider:mine two']],
  ])('is run as far as its scope %s goes', async (scope, expected) => {
    const reports = await run({}, { files, scope })
    expect(reports.map((report) => `${report.scope} ${report.id}`)).toEqual(expected)
    expect(reports.every(({ passed }) => passed)).toBe(true)
  })

  test('of a scope that it has not is refused with those that it has', async () => {
    await expect(run({}, { files, scope: 'provider:none' })).rejects.toMatchObject({
      ...{ code: 'SUITE_INVALID', hint: 'It is one of: all, spec, provider:mine.' },
    })
  })

  test('without a case is refused, one in conformance/ is found with the schemas above it', async () => {
    const folder = temporaryFolder()
    const suite = {
      folder,
      scope: 'all',
      world: wallWorld(),
      signal: new AbortController().signal,
      runSm: async () => ENDED,
    }
    await expect(reportsOf(suite)).rejects.toMatchObject({ code: 'SUITE_INVALID', message: `${folder} holds no case` })
    writeFiles(folder, { 'conformance/cases/one.json': caseText({}) })
    expect((await reportsOf(suite)).map(({ passed }) => passed)).toEqual([true])
  })
})
