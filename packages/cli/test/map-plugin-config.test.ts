import { statSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { readSecret } from '../src/secret-input.ts'
import { mapProject, pluginFiles, type MapProject } from './map-project.ts'

const label = 'L'
const options = [
  { value: 'x', label: 'X' },
  { value: 'y', label: 'Y' },
]
const SETTINGS = {
  words: { type: 'string-list', label, default: ['TODO'], itemMaxLength: 4, max: 2 },
  title: { type: 'single-string', label, pattern: '^[a-z]+$', maxLength: 3 },
  deep: { type: 'boolean-flag', label },
  many: { type: 'integer', label, min: 1, max: 9, step: 2 },
  one: { type: 'enum-pick', label, options },
  some: { type: 'enum-multipick', label, options },
  files: { type: 'path-glob', label, multiple: true },
  shape: { type: 'regex', label, flags: 'i' },
  pairs: { type: 'key-value-list', label },
  token: { type: 'secret', label: 'Token', envVar: 'PROBE_TOKEN' },
}

/** A project with a plugin `probe` that links every node to what its settings are. */
const project = (): MapProject =>
  mapProject({
    'a.md': 'A',
    ...pluginFiles('probe', {
      manifest: { settings: SETTINGS },
      extension:
        "extract({ emitLink, settings }) { emitLink({ kind: 'mentions', target: JSON.stringify(settings) }) },",
    }),
  })

const settingsSeen = async ({ smIn }: MapProject, env: Record<string, string> = {}): Promise<unknown> => {
  const ended = await smIn({ env }, 'scan', '--json')
  const links: { target: string }[] = ended.json().links
  return JSON.parse(links.find(({ target }) => target.startsWith('{'))?.target ?? 'null')
}

test('settings of all ten types are set, shown, seen by the plugin, and taken back', async () => {
  const map = project()
  const set = async (name: string, value: string) => (await map.sm('plugins', 'config', 'probe', name, value)).code
  const given = {
    ...{ words: ['a', 'b'], title: 'abc', deep: true, many: 3, one: 'x', some: ['y'] },
    ...{ files: ['a/**'], shape: 'a+', pairs: [{ key: 'k', value: 'v' }] },
  }
  for (const [name, value] of Object.entries(given))
    expect([name, await set(name, typeof value === 'string' ? value : JSON.stringify(value))]).toEqual([name, 0])
  await map.smIn({ input: 'hunter2' }, 'plugins', 'config', 'probe', 'token', '-')
  expect(await settingsSeen(map)).toEqual({ ...given, token: 'hunter2' })
  const shown = await map.sm('plugins', 'config', 'probe')
  expect(shown.stdout).toMatch(/^many +integer +3 +project +L$/m)
  expect(shown.stdout).toMatch(/^token +secret +"\(secret\)" +project-local +Token$/m)
  expect((await map.sm('plugins', 'config', 'probe', 'one', '--json')).json()).toMatchObject({
    value: 'x',
    source: 'project',
  })
  expect((await map.sm('plugins', 'config', 'probe', 'words', '--unset')).code).toBe(0)
  expect((await map.sm('plugins', 'config', 'probe', 'words', '-q')).stdout).toBe('["TODO"]\n')
  expect((await map.sm('plugins', 'config', 'probe', 'words', '--unset')).code).toBe(5)
  expect((await map.sm('plugins', 'config', 'claude')).stdout).toBe('claude has no settings\n')
  expect((await map.sm('plugins', 'config', 'claude', 'shade')).stderr).toContain('hint: It has no settings.')
})

test('a setting that nobody set and that has no default is null', async () => {
  const map = project()
  expect((await map.sm('plugins', 'config', 'probe', 'title')).stdout).toBe('null\n')
  const { source, value } = (await map.sm('plugins', 'config', 'probe', 'title', '--json')).json()
  expect([source, value]).toEqual(['unset', undefined])
})

test('a plugin whose manifest cannot be read has no settings', async () => {
  const { sm } = mapProject({ '.skill-map/plugins/broken/plugin.json': '{' })
  expect((await sm('plugins', 'config', 'broken')).stdout).toBe('broken has no settings\n')
})

test('with -g the user sets what holds for all projects, and the project goes over it', async () => {
  const map = project()
  await map.sm('plugins', 'config', 'probe', 'many', '5', '-g', '--plugin-dir', '.skill-map/plugins')
  expect(await settingsSeen(map)).toEqual({ words: ['TODO'], many: 5 })
  await map.sm('plugins', 'config', 'probe', 'many', '7')
  expect(await settingsSeen(map)).toEqual({ words: ['TODO'], many: 7 })
})

test('everything that is wrong with a value is told at once, and nothing is written', async () => {
  const map = project()
  const refused = async (name: string, value: string) => {
    const { code, stderr } = await map.sm('plugins', 'config', 'probe', name, value, '-q')
    return [code, stderr.split('\n').filter((line) => line.startsWith('  ')).length]
  }
  expect(await refused('words', '["abcde", 3, "c"]')).toEqual([2, 3])
  expect(await refused('title', 'ABCD')).toEqual([2, 2])
  for (const [name, value] of [
    ['deep', 'perhaps'],
    ['many', '2'],
    ['many', '11'],
    ['one', 'z'],
    ['some', '["z"]'],
    ['files', '3'],
    ['shape', 'a('],
    ['pairs', '[{"key":"k"}]'],
  ] as const)
    expect([name, value, await refused(name, value)]).toEqual([name, value, [2, 1]])
  expect((await map.sm('plugins', 'config', 'probe', 'nothing', '1')).code).toBe(5)
  expect((await map.sm('plugins', 'config', 'nothing')).code).toBe(5)
  expect((await map.sm('plugins', 'config', 'probe', '--unset')).code).toBe(2)
  expect(() => map.text('.skill-map/settings.json')).toThrow('ENOENT')
})

test('a change says whether the map that is held was made before it', async () => {
  const map = project()
  const changed = async (value: string) =>
    (await map.sm('plugins', 'config', 'probe', 'many', value, '--json')).json().rescanNeeded
  expect(await changed('3')).toBe(false)
  await map.sm('scan')
  expect(await changed('3')).toBe(false)
  expect(await changed('5')).toBe(true)
  expect((await map.sm('plugins', 'config', 'probe', 'many', '7', '-q')).stdout).toMatch(/scan again/)
})

test('a scan tells that settings do not fit, and goes on without the plugin', async () => {
  const map = project()
  const settings = { plugins: { probe: { config: { many: 2, typo: 1 } } } }
  writeFileSync(join(map.cwd, '.skill-map/settings.json'), JSON.stringify(settings))
  const { code, stderr, json } = await map.sm('scan', '--json')
  expect([code, json().links, json().nodes.length]).toEqual([0, [], 1])
  expect(stderr).toMatch(
    /^plugin probe: invalid-settings — there is no setting "typo"; the setting "many": 2 is reached/m,
  )
})

describe('a secret', () => {
  const withToken = async (): Promise<MapProject> => {
    const map = project()
    const ended = await map.smIn({ input: 'hunter2' }, 'plugins', 'config', 'probe', 'token', '-')
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('(secret)')])
    return map
  }

  test('is sealed in a file for its user only, and shown nowhere', async () => {
    const map = await withToken()
    const file = '.skill-map/settings.local.json'
    expect(JSON.parse(map.text(file)).plugins.probe.config.token).toEqual({
      sealed: expect.stringMatching(/^[\w+/=]+$/),
    })
    expect(statSync(join(map.cwd, file)).mode & 0o777).toBe(0o600)
    await map.sm('scan')
    for (const words of [
      ['config', 'list'],
      ['config', 'list', '--json'],
      ['config', 'get', 'plugins'],
      ['config', 'show', 'plugins.probe.config.token', '--source'],
      ['plugins', 'config', 'probe', '--json'],
      ['plugins', 'config', 'probe', 'token'],
      ['plugins', 'show', 'probe', '--json'],
    ]) {
      const { code, stdout, stderr } = await map.sm(...words)
      expect([words, code]).toEqual([words, 0])
      expect(stdout + stderr).not.toMatch(/hunter2|sealed/)
    }
  })

  test('is overridden by its variable', async () => {
    const map = await withToken()
    expect(await settingsSeen(map, { PROBE_TOKEN: 'outside' })).toMatchObject({ token: 'outside' })
    const given = { env: { PROBE_TOKEN: 'outside' }, input: 'other' }
    const set = await map.smIn(given, 'plugins', 'config', 'probe', 'token', '-', '--json')
    expect(set.json()).toMatchObject({ value: '(secret)', overriddenBy: 'variable' })
    const shown = await map.smIn({ env: { PROBE_TOKEN: 'outside' } }, 'plugins', 'config', 'probe', '--json')
    expect(shown.json().settings.token).toMatchObject({ source: 'variable', value: '(secret)' })
  })

  test('is taken from no command line', async () => {
    const map = project()
    for (const words of [
      ['plugins', 'config', 'probe', 'token', 'hunter2'],
      ['config', 'set', 'plugins.probe.config.token', 'hunter2'],
      ['config', 'set', 'plugins.probe.config', '{"token":"hunter2"}'],
      ['config', 'set', 'plugins', '{"probe":{"config":{"token":"hunter2"}}}'],
    ]) {
      const { code, stderr } = await map.sm(...words)
      expect([words, code, stderr]).toEqual([words, 2, expect.stringContaining('command line')])
      expect(stderr).not.toContain('hunter2')
    }
    expect((await map.smIn({ input: '' }, 'plugins', 'config', 'probe', 'token', '-')).code).toBe(2)
    expect(() => map.text('.skill-map/settings.json')).toThrow('ENOENT')
  })

  test('that stands open in a file is not taken, not shown, and told', async () => {
    const map = project()
    const settings = { plugins: { probe: { config: { token: 'hunter2', many: { sealed: 'x' } } } } }
    writeFileSync(join(map.cwd, '.skill-map/settings.json'), JSON.stringify(settings))
    const { stdout } = await map.sm('plugins', 'config', 'probe')
    expect(stdout).toMatch(/^problem: token: a secret that is not sealed is not taken/m)
    expect(stdout).toMatch(/^problem: many: is sealed, and no secret$/m)
    expect(stdout + (await map.sm('config', 'list')).stdout).not.toContain('hunter2')
    expect(await settingsSeen(map)).toEqual({ words: ['TODO'] })
  })

  test('opens for no other setting, and under no other key, and that is told', async () => {
    const map = await withToken()
    const moved = map.text('.skill-map/settings.local.json').replace('"token"', '"title"')
    const key = Buffer.alloc(32, 1).toString('base64')
    const elsewhere = await map.smIn(
      { env: { TENON_MASTER_KEY: key, TENON_HOME: temporaryFolder() } },
      'scan',
      '--json',
    )
    expect(elsewhere.stderr).toMatch(/^no key of this machine opens the secret "token" of probe/m)
    expect(elsewhere.stdout).not.toContain('hunter2')
    writeFileSync(join(map.cwd, '.skill-map/settings.local.json'), moved)
    expect((await map.sm('scan')).stderr).toMatch(/^no key of this machine opens the secret "title" of probe/m)
    expect((await map.sm('plugins', 'config', 'probe')).stdout).toMatch(/^problem: no key of this machine/m)
  })
})

describe('what is typed or piped', () => {
  const asking = { words: 'Token', signal: new AbortController().signal }

  test('is taken to its end, without the last line break', async () => {
    const piped = new PassThrough()
    piped.end('two\nlines\n')
    expect(await readSecret(piped, new PassThrough(), asking)).toBe('two\nlines')
  })

  test('at a terminal is one line, of which nothing is shown', async () => {
    const [typed, screen] = [Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} }), new PassThrough()]
    const read = readSecret(typed, screen, asking)
    typed.write('hunter3\u007f2\r')
    expect(await read).toBe('hunter2')
    expect(String(screen.read())).toBe('Token: \n')
  })

  test('ends the command when its user gives up', async () => {
    const terminal = () => Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} })
    const [interrupted, ended] = [terminal(), terminal()]
    const reads = [interrupted, ended].map((typed) => readSecret(typed, new PassThrough(), asking))
    interrupted.write('hun\u0003')
    ended.end()
    await expect(reads[0]).rejects.toThrow('nothing was typed')
    await expect(reads[1]).rejects.toThrow('the input ended')
    const stopping = new AbortController()
    const stopped = readSecret(terminal(), new PassThrough(), { ...asking, signal: stopping.signal })
    stopping.abort('SIGTERM')
    await expect(stopped).rejects.toThrow('stopped by SIGTERM')
  })
})
