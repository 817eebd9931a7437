import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Ended } from './in-process.ts'

type Layers = { user?: unknown; userLocal?: unknown; project?: unknown; projectLocal?: unknown }

/** A project whose layers say this, below a home of its own; what is text is written as it is. */
function projectWith({ user, userLocal, project, projectLocal }: Layers = {}) {
  const home = temporaryFolder()
  const cwd = join(home, 'work')
  mkdirSync(cwd)
  const files = { user: join(home, '.skill-map/settings.json'), project: join(cwd, '.skill-map/settings.json') }
  const local = (file: string) => file.replace('settings.json', 'settings.local.json')
  write(files.user, user)
  write(local(files.user), userLocal)
  write(files.project, project)
  write(local(files.project), projectLocal)
  const tenon = tenonIn(home)
  const sm = (...argv: string[]): Promise<Ended> => tenon(argv, { cwd, binary: 'sm' })
  return { home, cwd, files, sm, tenon }
}

function write(file: string, content: unknown): void {
  if (content === undefined) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
}

test('without files the configuration is the defaults', async () => {
  const { sm } = projectWith()
  const { code, stderr, json, stdout } = await sm('config', 'list', '--json')
  expect([code, stderr]).toEqual([0, ''])
  expect(json()).toMatchObject({
    schemaVersion: 1,
    ignore: [],
    scan: {
      tokenize: true,
      strict: false,
      followSymlinks: false,
      maxFileSizeBytes: 1_048_576,
      watch: { debounceMs: 300 },
    },
    jobs: {
      ttlSeconds: 3600,
      graceMultiplier: 3,
      minimumTtlSeconds: 60,
      retention: { completed: 2592000, failed: null },
    },
  })
  expect(stdout).toContain('"autoMigrate": true')
  expect((await sm('config', 'list')).stdout).toMatch(/^scan\.watch\.debounceMs = 300$/m)
})

test('a later layer wins key for key, and the source of each value is told', async () => {
  const { sm, tenon, cwd } = projectWith({
    user: { scan: { tokenize: false, strict: true, watch: { debounceMs: 1 } }, ignore: ['a/', 'b/'] },
    userLocal: { scan: { strict: false, watch: { debounceMs: 2 } } },
    project: { scan: { watch: { debounceMs: 3 } }, ignore: ['c/'] },
    projectLocal: { scan: { watch: { debounceMs: 4 } } },
  })
  const shown = async (key: string) => (await sm('config', 'show', key, '--source', '--json')).json()
  expect(await shown('scan.maxFileSizeBytes')).toEqual({ value: 1_048_576, source: 'defaults' })
  expect(await shown('scan.tokenize')).toEqual({ value: false, source: 'user' })
  expect(await shown('scan.strict')).toEqual({ value: false, source: 'user-local' })
  expect(await shown('ignore')).toEqual({ value: ['c/'], source: 'project' })
  expect(await shown('scan.watch.debounceMs')).toEqual({ value: 4, source: 'project-local' })
  expect((await sm('config', 'show', 'scan.strict', '--source')).stdout).toBe('scan.strict = false (user-local)\n')
  expect((await sm('config', 'show', 'scan.strict')).stdout).toBe('scan.strict = false\n')
  expect((await sm('config', 'show', 'scan.strict', '--json')).json()).toBe(false)
  const quiet = await tenon(['config', 'show', 'updateCheck.enabled', '--source', '--json'], {
    ...{ cwd, binary: 'sm', env: { SM_NO_UPDATE_CHECK: '1' } },
  })
  expect(quiet.json()).toEqual({ value: false, source: 'override' })
  const global = await sm('config', 'show', 'ignore', '--source', '--json', '-g')
  expect(global.json()).toEqual({ value: ['a/', 'b/'], source: 'user' })
})

describe('without a home folder', () => {
  test('the layers of the project are all that there are', async () => {
    const { tenon, cwd } = projectWith({ user: { ignore: ['a/'] }, project: { scan: { strict: true } } })
    const sm = (...argv: string[]) => tenon(argv, { cwd, binary: 'sm', env: { HOME: undefined } })
    const shown = async (key: string) => (await sm('config', 'show', key, '--source', '--json')).json()
    expect(await shown('ignore')).toEqual({ value: [], source: 'defaults' })
    expect(await shown('scan.strict')).toEqual({ value: true, source: 'project' })
  })

  test.each([undefined, ''])('that is %j there is no global map', async (home) => {
    const { tenon, cwd } = projectWith({ user: { ignore: ['a/'] } })
    for (const words of [
      ['list', '-g'],
      ['config', 'list', '-g'],
    ]) {
      const { code, stdout, stderr } = await tenon(words, { cwd, binary: 'sm', env: { HOME: home } })
      expect([code, stdout, stderr]).toEqual([
        2,
        '',
        expect.stringMatching(/^error USAGE: there is no home folder .*\nhint: Set HOME\.\n/),
      ])
    }
  })
})

test('what does not fit is named all at once, and the rest is taken', async () => {
  const { sm, files } = projectWith({
    user: '{ "ignore": ["x",] }',
    project: '{\n  "sacn": {},\n  "scan": { "strict": "yes", "tokenize": false },\n  "ignore": ["a", 3]\n}',
  })
  const { code, stderr, json } = await sm('config', 'list', '--json')
  expect(code).toBe(0)
  expect(json()).toMatchObject({ ignore: [], scan: { strict: false, tokenize: false } })
  expect(stderr).toContain(`${files.user}:1`)
  for (const [line, pointer] of [
    [2, '/sacn'],
    [3, '/scan/strict'],
    [4, '/ignore/1'],
  ])
    expect(stderr).toMatch(new RegExp(`^tenon: not taken: ${files.project}:${line} .*\\(at ${pointer}\\)$`, 'm'))
  const strict = await sm('config', 'get', 'scan.tokenize', '--strict')
  expect([strict.code, strict.stdout]).toEqual([2, ''])
  expect(strict.stderr).toMatch(/CONFIG_INVALID[^]*sacn[^]*strict/)
  expect((await sm('config', 'get', 'scan.tokenize', '-q')).stderr).toBe('')
})

test('a file that is no text, or no object, is not taken', async () => {
  const { sm } = projectWith({ user: '[]', project: '"text"' })
  const { code, stderr } = await sm('config', 'list')
  expect([code, stderr.split('\n').length]).toEqual([0, 3])
  const other = projectWith({ project: '{}' })
  writeFileSync(other.files.project, new Uint8Array([0x7b, 0xff, 0x7d]))
  expect((await other.sm('config', 'list')).stderr).toMatch(/is not UTF-8/)
})

test('secrets are looked for in the settings of plugins that are not there, too', async () => {
  const { sm } = projectWith({ project: { plugins: { gone: { config: { open: 1, shut: { sealed: 'eA==' } } } } } })
  expect((await sm('config', 'get', 'plugins', '--json')).json()).toEqual({
    gone: { config: { open: 1, shut: '(secret)' } },
  })
})

describe('a value', () => {
  test('is set and reset in the file of the project, or with -g of the user, and all else in it stays', async () => {
    const { sm, files } = projectWith({ project: { own: { note: 'kept' }, scan: { strict: true } } })
    expect((await sm('config', 'set', 'scan.tokenize', 'false', '-q')).stdout).toBe(
      `scan.tokenize = false in ${files.project}\n`,
    )
    await sm('config', 'set', 'i18n.locale', 'es', '-g')
    expect(readFileSync(files.project, 'utf8')).toBe(
      `${JSON.stringify({ own: { note: 'kept' }, scan: { strict: true, tokenize: false } }, null, 2)}\n`,
    )
    expect(JSON.parse(readFileSync(files.user, 'utf8'))).toEqual({ i18n: { locale: 'es' } })
    expect((await sm('config', 'get', 'i18n.locale', '-q')).stdout).toBe('es\n')
    expect((await sm('config', 'get', 'scan.tokenize', '--json', '-q')).json()).toBe(false)
    await sm('config', 'reset', 'scan.tokenize')
    await sm('config', 'reset', 'i18n.locale', '-g')
    expect(JSON.parse(readFileSync(files.project, 'utf8'))).toEqual({ own: { note: 'kept' }, scan: { strict: true } })
    expect(JSON.parse(readFileSync(files.user, 'utf8'))).toEqual({})
    expect(existsSync(`${files.project}.aside`)).toBe(false)
  })

  test('of an unknown key ends with 5, and one that does not fit with 2, and neither is written', async () => {
    const { sm, files } = projectWith()
    const ends = async (...argv: string[]) => {
      const { code, stderr } = await sm('config', ...argv)
      return [code, stderr.split('\n')[0]]
    }
    expect(await ends('get', 'scan.nothing')).toEqual([5, expect.stringContaining('"scan.nothing"')])
    expect(await ends('show', '__proto__')).toEqual([5, expect.stringContaining('__proto__')])
    expect(await ends('set', 'scan.nothing', '1')).toEqual([5, expect.stringContaining('CONFIG_KEY_UNKNOWN')])
    expect(await ends('set', '__proto__.x', '1')).toEqual([5, expect.stringContaining('CONFIG_KEY_UNKNOWN')])
    expect(await ends('set', 'plugins.Bad.enabled', 'true')).toEqual([5, expect.stringContaining('plugins.Bad')])
    expect(await ends('set', 'scan', '{"nothing":1}')).toEqual([2, expect.stringContaining('CONFIG_INVALID')])
    expect(await ends('set', 'scan.tokenize', 'perhaps')).toEqual([2, expect.stringContaining('CONFIG_INVALID')])
    expect(await ends('set', 'scan.maxFileSizeBytes', '1000000000')).toEqual([
      2,
      expect.stringContaining('CONFIG_INVALID'),
    ])
    expect(await ends('reset', 'scan.tokenize')).toEqual([5, expect.stringContaining('CONFIG_KEY_UNKNOWN')])
    expect(existsSync(files.project)).toBe(false)
  })

  test('tells which layer goes over it', async () => {
    const { sm } = projectWith({ projectLocal: { scan: { strict: true } } })
    const set = (...words: string[]) => sm('config', 'set', ...words)
    expect((await set('scan.strict', 'false', '--json')).json()).toMatchObject({ overriddenBy: 'project-local' })
    expect((await set('scan', '{"strict":false}')).stdout).toMatch(
      /^project-local says otherwise, and goes over it\.$/m,
    )
    expect((await set('scan.strict', 'true', '--json')).json().overriddenBy).toBeUndefined()
    expect((await set('scan.tokenize', 'false', '--json')).json().overriddenBy).toBeUndefined()
  })

  test('set while others are set is not lost', async () => {
    const { sm } = projectWith()
    const actions = Array.from({ length: 12 }, (_, index) => `p/action-${index}`)
    await Promise.all(actions.map((action) => sm('config', 'set', `jobs.perActionTtl.${action}`, '5', '-q')))
    const { json } = await sm('config', 'get', 'jobs.perActionTtl', '--json')
    expect(Object.keys(json()).sort()).toEqual(actions.sort())
  })

  test('of a file that cannot be written is refused by the name of the file', async () => {
    const { sm, cwd } = projectWith()
    writeFileSync(join(cwd, '.skill-map'), '')
    const { code, stderr } = await sm('config', 'set', 'scan.tokenize', 'false')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/CONFIG_UNWRITABLE: .*settings\.json was not changed/)])
  })

  test('is not written into a file that is no JSON, which stays as it is', async () => {
    const { sm, files } = projectWith({ project: '{ "scan": ' })
    const { code, stderr } = await sm('config', 'set', 'scan.tokenize', 'false')
    expect([code, stderr]).toEqual([2, expect.stringContaining(files.project)])
    expect(readFileSync(files.project, 'utf8')).toBe('{ "scan": ')
  })
})

test('links are never followed, whatever the configuration asks for', async () => {
  const { sm } = projectWith({ project: { scan: { followSymlinks: true } } })
  const { stderr, stdout } = await sm('config', 'get', 'scan.followSymlinks')
  expect(stdout).toBe('false\n')
  expect(stderr).toMatch(/symbolic links are never followed .*roots.*\/scan\/followSymlinks/)
  expect((await sm('config', 'set', 'scan.followSymlinks', 'true')).code).toBe(2)
  expect((await sm('config', 'set', 'scan.followSymlinks', 'false')).code).toBe(0)
})

test('what comes with a project sends no scan out of it; what its user keeps may', async () => {
  for (const root of ['/etc', '..', 'docs/../../x'])
    expect((await projectWith({ project: { roots: ['docs', root] } }).sm('config', 'get', 'roots')).stdout).toBe('[]\n')
  const { sm } = projectWith({ project: { roots: ['a/../b'] }, projectLocal: { roots: ['../other'] } })
  expect((await sm('config', 'get', 'roots')).stdout).toBe('["../other"]\n')
})

describe('a scan', () => {
  const agent = (name: string, body = '') => `---\nname: ${name}\ndescription: About ${name}\n---\n${body}`
  const paths = (ended: Ended): string[] => ended.json().nodes.map(({ path }: { path: string }) => path)

  async function scanned(layers: Layers, ...argv: string[]) {
    const { cwd, sm } = projectWith(layers)
    write(join(cwd, 'docs/a.md'), agent('a', 'word '.repeat(100)))
    write(join(cwd, 'docs/drafts/b.md'), agent('b'))
    write(join(cwd, '.claude/agents/c.md'), '---\ndescription: 3\n---\n')
    return sm('scan', '--json', ...argv)
  }

  test('leaves out what the configuration ignores', async () => {
    expect(paths(await scanned({ project: { ignore: ['drafts/'] } }))).toEqual(['.claude/agents/c.md', 'docs/a.md'])
  })

  test('skips files that are larger than the configuration says', async () => {
    expect(paths(await scanned({ project: { scan: { maxFileSizeBytes: 200 } } }))).not.toContain('docs/a.md')
  })

  test('walks the roots of the configuration unless some are named', async () => {
    const layers = { project: { roots: ['docs/drafts'] } }
    expect(paths(await scanned(layers))).toEqual(['b.md'])
    expect(paths(await scanned(layers, '.claude'))).toEqual(['agents/c.md'])
  })

  test('of the home folder resolves the roots of its user there', async () => {
    const { home, sm } = projectWith({ user: { roots: ['notes'] } })
    write(join(home, 'notes/n.md'), agent('n'))
    const ended = await sm('scan', '-g', '--json')
    expect([paths(ended), ended.json().scope]).toEqual([['n.md'], 'global'])
  })

  test('counts tokens unless the configuration or the command line says no', async () => {
    const hasTokens = async (layers: Layers, ...argv: string[]) =>
      (await scanned(layers, ...argv)).json().nodes[0].tokens !== undefined
    expect(await hasTokens({})).toBe(true)
    expect(await hasTokens({ project: { scan: { tokenize: false } } })).toBe(false)
    expect(await hasTokens({}, '--no-tokens')).toBe(false)
  })

  test('is strict when the configuration or the command line says so', async () => {
    expect((await scanned({})).code).toBe(0)
    expect((await scanned({ project: { scan: { strict: true } } })).code).toBe(1)
    expect((await scanned({}, '--strict')).code).toBe(1)
    expect((await scanned({ project: { sacn: 1 } }, '--strict')).code).toBe(2)
  })

  test('leaves out the plugins and extensions that the configuration switches off', async () => {
    const off = { gemini: { enabled: false }, 'core/markdown': { enabled: false }, core: { enabled: false } }
    const { providers, nodes } = (await scanned({ project: { plugins: off } })).json()
    expect(providers).toEqual(['claude', 'agent-skills'])
    expect(nodes.map(({ path }: { path: string }) => path)).toEqual(['.claude/agents/c.md'])
  })
})

test('files are offered to the Providers that are named, in their order, and to no other', async () => {
  const { sm, cwd, files } = projectWith()
  write(join(cwd, '.claude/agents/a.md'), '---\nname: a\ndescription: A\n---\n')
  write(join(cwd, 'b.md'), '')
  const claims = async (providers: string[]): Promise<[string[], string[], string]> => {
    write(files.project, { schemaVersion: 1, providers })
    const { json, stderr } = await sm('scan', '--json')
    const found = json().nodes.map(({ path, provider }: { path: string; provider: string }) => `${path} ${provider}`)
    return [json().providers, found, stderr]
  }
  const told = expect.stringMatching(/^done in /)
  expect(await claims(['claude'])).toEqual([['claude'], ['.claude/agents/a.md claude'], told])
  expect(await claims(['core/markdown', 'claude', 'markdown'])).toEqual([
    ['markdown', 'claude'],
    ['.claude/agents/a.md markdown', 'b.md markdown'],
    told,
  ])
  const [providers, , stderr] = await claims(['claude', 'claud'])
  expect(providers).toEqual(['claude'])
  expect(stderr).toContain('there is no Provider "claud" that takes part (at /providers/1)')
})
