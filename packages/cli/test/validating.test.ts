import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryFolder, temporaryRepository } from '@tenon/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tenonIn, type Tenon } from './in-process.ts'

/** More than are looked at without a thread. */
const MANY = 18

type Answer = {
  plugins: number
  judged: number
  checked: Record<string, number>
  problems: { file: string; line?: number; code: string; message: string }[]
}

describe('a repository of plugins', () => {
  let home = ''
  let tenon: Tenon
  const validate = async (...more: string[]): Promise<[code: number, answer: Answer]> => {
    const { code, json } = await tenon(['plugin', 'validate', '--json', ...more])
    return [code, json()]
  }
  const plugin = (name: string, path = ''): string => join(home, 'plugins', name, path)
  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(path, change(readFileSync(path, 'utf8')))

  beforeAll(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'tn-')))
    tenon = tenonIn(home)
    await tenon(['plugin', 'new', 'demo'])
    for (let at = 1; at < MANY; at += 1) {
      cpSync(plugin('demo'), plugin(`demo-${at}`), { recursive: true })
      edit(plugin(`demo-${at}`, 'plugin.spec.json'), (text) => text.replace('"demo"', `"demo-${at}"`))
      await tenon(['plugin', 'derive', `demo-${at}`])
    }
  })
  afterAll(() => rmSync(home, { recursive: true }))

  test('is checked whole, then only where something changed', async () => {
    const [code, first] = await validate()
    expect([code, first]).toMatchObject([0, { plugins: MANY, judged: MANY, problems: [] }])
    expect(first.checked).toMatchObject({ spec: MANY, operations: MANY })
    expect(await validate()).toEqual([0, { ...first, judged: 0 }])
    expect(await validate('--fresh')).toEqual([0, first])
    appendFileSync(plugin('demo-7', 'src/echo.ts'), '\n')
    const [, changed] = await validate()
    expect(changed).toMatchObject({
      judged: 1,
      problems: [{ code: 'CHECKSUM_MISMATCH', file: 'plugins/demo-7/src/echo.ts' }],
    })
    expect((await validate())[1]).toMatchObject({ judged: 0, problems: [{ code: 'CHECKSUM_MISMATCH' }] })
    edit(plugin('demo-7', 'src/echo.ts'), (text) => text.slice(0, -1))
    expect(await validate()).toMatchObject([0, { judged: 1, problems: [] }])
  })

  test('is looked at again where a file of the same size and time has other bytes, was added, or is gone', async () => {
    await validate()
    const [source, long] = [plugin('demo-1', 'src/echo.ts'), new Date(0)]
    const before = readFileSync(source, 'utf8')
    edit(source, (text) => text.replace('e', 'f'))
    utimesSync(source, long, long)
    expect((await validate())[1].problems).toMatchObject([{ file: 'plugins/demo-1/src/echo.ts' }])
    writeFileSync(source, before)
    writeFileSync(plugin('demo-2', 'src/extra.ts'), '')
    rmSync(plugin('demo-3', 'CHANGELOG.md'))
    const found = (await validate())[1].problems.map(({ file, code }) => [file, code])
    expect(found).toEqual([
      ['plugins/demo-2/src/extra.ts', 'FILE_UNLISTED'],
      ['plugins/demo-3/CHANGELOG.md', 'FILE_MISSING'],
      ['plugins/demo-3/CHANGELOG.md', 'FILE_LOST'],
    ])
    rmSync(plugin('demo-2', 'src/extra.ts'))
    cpSync(plugin('demo-2', 'CHANGELOG.md'), plugin('demo-3', 'CHANGELOG.md'))
    expect(await validate()).toMatchObject([0, { judged: 2 }])
  })

  test('is looked at anew when its policy changes, or when what was found cannot be read', async () => {
    await validate()
    const packs = { spec: 'policies/base/1.0.0/pack.yaml' }
    mkdirSync(join(home, 'policies/base/1.0.0'), { recursive: true })
    writeFileSync(join(home, packs.spec), 'pack: base\nversion: 1.0.0\nreleased: 2026-01-01\nrules: []\n')
    const [code, { judged, problems }] = await validate()
    expect([code, judged]).toEqual([1, MANY])
    expect(new Set(problems.map((problem) => problem.code))).toEqual(
      new Set(['POLICY_SNAPSHOT_STALE', 'DERIVED_DRIFT']),
    )
    rmSync(join(home, 'policies'), { recursive: true })
    await validate()
    for (const shard of [0, 1, 2, 3]) writeFileSync(join(home, '.tenon/validated', `${shard}.v8`), 'no verdicts')
    expect(await validate()).toMatchObject([0, { judged: MANY, problems: [] }])
  })

  test('tells what only all of them together can tell', async () => {
    const uid = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
    for (const name of ['demo-4', 'demo-5']) {
      const more = name === 'demo-4' ? '' : '\n  "dependencies": { "demo-4": "^2", "demo-6": "^0.1" },'
      edit(plugin(name, 'plugin.spec.json'), (text) => text.replace('{', `{\n  "uid": "${uid}",${more}`))
      await tenon(['plugin', 'derive', name])
    }
    const { code, stdout } = await tenon(['plugin', 'validate'])
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining(
        [
          `${MANY} plugin(s), 2 of them looked at anew, 2 problem(s)`,
          `plugins/demo-5/plugin.spec.json UID_TAKEN the uid ${uid} is that of "demo-4", too (`,
        ].join('\n'),
      ),
    ])
    expect(stdout).toContain('DEPENDENCY_UNMET "^2" does not take 0.1.0, the version of "demo-4" in this repository')
  })
})

test('a repository of few plugins leaves behind nothing that is committed, and one without any is told', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  await tenon(['plugin', 'new', 'demo'])
  expect((await tenon(['plugin', 'validate', '.'])).code).toBe(0)
  expect(readFileSync(join(home, '.tenon/validated/.gitignore'), 'utf8')).toBe('*\n')
  rmSync(join(home, 'plugins'), { recursive: true })
  const { code, stdout } = await tenon(['plugin', 'validate', '.'])
  expect([code, stdout]).toEqual([1, expect.stringContaining('plugin.spec.json FILE_MISSING is missing')])
})

test('problems are printed as SARIF, named from the working directory', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  await tenon(['plugin', 'new', 'demo'])
  const sarif = async (...more: string[]) => {
    const { code, stdout } = await tenon(['plugin', 'validate', '--sarif', ...more])
    return [code, JSON.parse(stdout)]
  }
  expect(await sarif('demo')).toMatchObject([0, { version: '2.1.0', runs: [{ results: [] }] }])
  writeFileSync(join(home, 'plugins/demo/examples/echo_request.json'), '{\n  "text": 3\n}\n')
  writeFileSync(join(home, 'plugins/demo/a b.md'), '')
  mkdirSync(join(home, 'policies'))
  symlinkSync('elsewhere', join(home, 'policies/linked'))
  for (const named of ['demo', '.']) {
    const [code, { runs }] = await sarif(named)
    const [{ tool, results }] = runs
    expect([code, tool.driver.name]).toEqual([1, 'tenon'])
    expect(results.map((one: { ruleId: string; ruleIndex: number }) => tool.driver.rules[one.ruleIndex].id)).toEqual(
      results.map((one: { ruleId: string }) => one.ruleId),
    )
    expect(results).toContainEqual({
      ruleId: 'SCHEMA_TYPE',
      ruleIndex: expect.any(Number),
      level: 'error',
      message: { text: '3 must be string (It has to be as schemas/echo.in.schema.json says.)' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'plugins/demo/examples/echo_request.json', uriBaseId: '%SRCROOT%' },
            region: { startLine: 2 },
          },
        },
      ],
    })
    expect(results).toContainEqual(expect.objectContaining({ message: { text: 'is no regular file' } }))
    const uris = results.map(
      (one: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
        one.locations[0]?.physicalLocation.artifactLocation.uri,
    )
    expect(uris).toContain('plugins/demo/a%20b.md')
  }
  expect(existsSync(join(home, 'plugins/demo/.tenon'))).toBe(false)
})

test('of a repository each plugin is held to what of it was released, by the tags that there are now', async () => {
  const { folder, git, commit } = temporaryRepository()
  const tenon = tenonIn(folder)
  await tenon(['plugin', 'new', 'demo'])
  commit({})
  git('tag', 'plugin/demo/v0.1.0')
  const validate = async () => (await tenon(['plugin', 'validate', '.', '--json'])).json() as Answer
  expect(await validate()).toMatchObject({ judged: 1, checked: { compatibility: 1 }, problems: [] })
  const schema = join(folder, 'plugins/demo/schemas/echo.in.schema.json')
  const { properties, ...rest } = JSON.parse(readFileSync(schema, 'utf8'))
  writeFileSync(schema, `${JSON.stringify({ ...rest, properties: { ...properties, more: {} } }, null, 2)}\n`)
  await tenon(['plugin', 'derive', 'demo'])
  const found = { file: 'plugins/demo/plugin.spec.json', code: 'VERSION_TOO_SMALL' }
  expect(await validate()).toMatchObject({ judged: 1, problems: [found] })
  expect(await validate()).toMatchObject({ judged: 0, problems: [found] })
  git('tag', '-d', 'plugin/demo/v0.1.0')
  expect(await validate()).toMatchObject({ judged: 1, checked: { compatibility: 0 }, problems: [] })
})

test('what is wrong with policies is told once for all plugins', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  await tenon(['plugin', 'new', 'one'])
  await tenon(['plugin', 'new', 'two'])
  mkdirSync(join(home, 'policies/base/1.0.0'), { recursive: true })
  writeFileSync(join(home, 'policies/base/1.0.0/pack.yaml'), 'pack: other\n')
  const { problems } = (await tenon(['plugin', 'validate', '.', '--json'])).json() as Answer
  const ofPolicies = problems.filter(({ code }) => code === 'POLICY_PACK').map(({ message }) => message)
  expect(ofPolicies.length).toBeGreaterThan(0)
  expect(new Set(ofPolicies).size).toBe(ofPolicies.length)
})
