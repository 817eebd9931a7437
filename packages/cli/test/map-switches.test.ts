import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Ended, Parsed } from './in-process.ts'
import { mapProject, pluginFiles } from './map-project.ts'

const WORDS = pluginFiles('words')
const SHARED = pluginFiles('shared', { manifest: { granularity: 'extension', description: 'Shared out.' } })
const BROKEN = { '.skill-map/plugins/broken/plugin.json': '{ "id": "other" }' }

const named = (listed: Parsed[], id: string): Parsed => listed.find((plugin) => plugin.id === id)

describe('the list', () => {
  test('names every plugin with its state, and extensions where they are switched one by one', async () => {
    const { sm } = mapProject({ ...WORDS, ...SHARED, ...BROKEN })
    const ended = await sm('plugins', 'list', '--json')
    const plugins: Parsed[] = ended.json()
    expect(ended.code).toBe(0)
    const ids = plugins.filter(({ source }) => source === 'built-in').map(({ id }) => id)
    expect(ids).toEqual(['claude', 'gemini', 'agent-skills', 'core'])
    expect(named(plugins, 'claude')).toEqual({
      ...{ id: 'claude', version: '1.0.0', kinds: ['provider'], status: 'enabled' },
      ...{ source: 'built-in', granularity: 'bundle' },
    })
    const markdown = { id: 'markdown', kind: 'provider', version: '1.0.0', enabled: true }
    expect(named(plugins, 'core').extensions).toContainEqual(markdown)
    expect(named(plugins, 'words')).toMatchObject({ status: 'enabled', source: 'project', kinds: ['extractor'] })
    expect(named(plugins, 'words').extensions).toBeUndefined()
    expect(named(plugins, 'shared')).toMatchObject({
      ...{ granularity: 'extension', description: 'Shared out.' },
      extensions: [{ id: 'mine', kind: 'extractor', version: '1.0.0', enabled: true }],
    })
    expect(named(plugins, 'broken')).toMatchObject({ status: 'invalid-manifest', reason: expect.stringMatching(/./) })
    const { stdout } = await sm('plugins', 'list')
    expect(stdout).toMatch(/^words +1\.0\.0 +enabled +project$/m)
    expect(stdout).toMatch(/^core\/markdown +enabled +provider$/m)
  })

  test('says what is switched off', async () => {
    const settings = { plugins: { words: { enabled: false }, 'shared/mine': { enabled: false } } }
    const { sm } = mapProject({ ...WORDS, ...SHARED, '.skill-map/settings.json': JSON.stringify(settings) })
    const { stdout } = await sm('plugins', 'list')
    expect(stdout).toMatch(/^words +1\.0\.0 +disabled +project$/m)
    expect(stdout).toMatch(/^shared\/mine +disabled +extractor$/m)
    expect((await sm('plugins', 'show', 'shared')).stdout).toMatch(/^shared\/mine +extractor +1\.0\.0 +disabled$/m)
  })

  test('takes other folders in the place of the usual ones', async () => {
    const { sm } = mapProject(WORDS)
    const listed = (await sm('plugins', 'list', '--json', '--plugin-dir', 'elsewhere')).json()
    expect(listed.filter(({ source }: Parsed) => source !== 'built-in')).toEqual([])
  })
})

test('all of a plugin is shown, and an unknown one ends with 5', async () => {
  const { sm } = mapProject({
    ...WORDS,
    ...BROKEN,
    '.skill-map/settings.json': '{"plugins":{"words":{"enabled":false}}}',
  })
  expect((await sm('plugins', 'show', 'words', '--json')).json()).toMatchObject({
    ...{ id: 'words', status: 'disabled', switches: { words: false }, extensions: [] },
    manifest: { id: 'words', specCompat: '^0.19.0' },
  })
  expect((await sm('plugins', 'show', 'core')).stdout).toMatch(/^core\/slash +extractor +1\.0\.0 +enabled/m)
  expect((await sm('plugins', 'show', 'broken')).stdout).toMatch(/^status: invalid-manifest: plugin\.json/m)
  expect((await sm('plugins', 'show', 'nothing')).code).toBe(5)
})

describe('a switch', () => {
  const NODES = { 'a.md': 'A', '.claude/agents/b.md': '---\nname: b\ndescription: B\n---\n' }
  const paths = (ended: Ended): string[] => ended.json().nodes.map(({ path }: { path: string }) => path)

  test('holds from the next scan on, and turns back', async () => {
    const { sm } = mapProject(NODES)
    expect((await sm('plugins', 'disable', 'core/markdown', '-q')).stdout).toBe(
      'core/markdown disabled from the next scan on\n',
    )
    expect(paths(await sm('scan', '--json'))).toEqual(['.claude/agents/b.md'])
    expect((await sm('plugins', 'enable', 'core/markdown', '--json')).json()).toEqual({
      enabled: true,
      keys: ['core/markdown'],
    })
    expect(paths(await sm('scan', '--json'))).toEqual(['.claude/agents/b.md', 'a.md'].sort())
  })

  test('of a plugin of which no extension could be loaded says that there is none', async () => {
    const { sm } = mapProject({ ...SHARED, '.skill-map/plugins/shared/index.mjs': 'export default (' })
    const { code, stderr } = await sm('plugins', 'disable', 'shared/mine')
    expect([code, stderr]).toEqual([5, expect.stringContaining('hint: It has no extension that could be loaded.\n')])
  })

  test('in the database has the last word over the settings', async () => {
    const settings = { plugins: { words: { enabled: false }, 'shared/mine': { enabled: false } } }
    const { sm } = mapProject({ ...NODES, ...WORDS, ...SHARED, '.skill-map/settings.json': JSON.stringify(settings) })
    const finders = async () =>
      (await sm('scan', '--json')).json().links.filter(({ target }: { target: string }) => target === 'found').length
    expect(await finders()).toBe(0)
    await sm('plugins', 'enable', 'words')
    expect(await finders()).toBe(2)
    await sm('plugins', 'enable', 'shared/mine')
    expect(await finders()).toBe(4)
    await sm('plugins', 'disable', 'words')
    expect(await finders()).toBe(2)
  })

  test('holds for verbs that only read', async () => {
    const { sm } = mapProject(NODES)
    await sm('scan')
    expect((await sm('graph', '--format', 'mermaid')).code).toBe(0)
    await sm('plugins', 'disable', 'core/mermaid')
    expect((await sm('graph', '--format', 'mermaid')).code).toBe(2)
  })

  test('of another form than the plugin has is refused, and so is one of nothing', async () => {
    const { cwd, sm } = mapProject({ ...WORDS, ...SHARED })
    for (const key of ['core', 'claude/claude', 'core/nothing', 'nothing', 'words/mine', 'shared', 'constructor'])
      for (const verb of ['enable', 'disable']) {
        const { code, stderr } = await sm('plugins', verb, key)
        expect([verb, key, code, stderr]).toEqual([verb, key, 5, expect.stringContaining(`PLUGIN_UNKNOWN`)])
      }
    expect((await sm('plugins', 'disable', 'core')).stderr).toMatch(/extension by extension[^]*core\/markdown/)
    expect((await sm('plugins', 'disable')).code).toBe(2)
    expect((await sm('plugins', 'disable', 'words', '--all')).code).toBe(2)
    expect(existsSync(join(cwd, '.skill-map/skill-map.db'))).toBe(false)
  })

  test('of all plugins leaves those alone that are switched extension by extension', async () => {
    const { sm } = mapProject({ ...NODES, ...WORDS, ...SHARED })
    const { keys } = (await sm('plugins', 'disable', '--all', '--json')).json()
    expect(keys).toEqual(['claude', 'gemini', 'agent-skills', 'words'])
    expect((await sm('scan', '--json')).json().providers).toEqual(['markdown'])
  })

  test('by the id of a plugin that is switched by extension has no effect in settings', async () => {
    const settings = { plugins: { shared: { enabled: false } } }
    const { sm } = mapProject({ ...NODES, ...SHARED, '.skill-map/settings.json': JSON.stringify(settings) })
    expect((await sm('scan', '--json')).json().links).not.toEqual([])
  })
})

test('a dry scan makes no database to look for switches', async () => {
  const { cwd, sm } = mapProject({ 'a.md': 'A' })
  await sm('scan', '-n')
  expect(existsSync(join(cwd, '.skill-map'))).toBe(false)
})

test('the catalogue that plugins build on is listed', async () => {
  const { sm } = mapProject()
  const { viewContracts, inputTypes } = (await sm('plugins', 'contracts', 'list', '--json')).json()
  expect([viewContracts.length, viewContracts[0]]).toEqual([10, { id: 'node-counter', summary: expect.any(String) }])
  expect([inputTypes.length, inputTypes]).toEqual([10, expect.arrayContaining(['secret', 'key-value-list'])])
  expect((await sm('plugins', 'contracts', 'list')).stdout).toMatch(/^scope-stat +one figure/m)
})
