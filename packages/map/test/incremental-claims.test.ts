import { describe, expect, test } from 'vitest'
import { builtInPlugins, type ExtensionSource, type Trust } from '@tenon/map'
import { named, pluginOf } from './folder-scan.ts'
import { provider, walkingProvider } from './foreign-extension.ts'
import { mapOver } from './map-over.ts'

const FILES = { 'a.md': named('a'), 'b.md': '[a](a.md)', 'c/d.md': 'plain' }

describe('a scan of what changed', () => {
  test('reads a file again that was taken as a plain one, for a Provider that sees more of it', async () => {
    const { run } = mapOver({ 'a.md': named('a') })
    const plain = provider({ read: { extensions: ['.md'], parser: 'plain' }, classify: () => 'note' })
    const more = (id: string) => [
      ...builtInPlugins,
      ...pluginOf('named', [provider({ classify: (_, { name }) => (name === undefined ? null : 'note') })]),
      ...pluginOf(id, [plain]),
    ]
    const providers = async (trust: Trust, extensions: readonly ExtensionSource[]) =>
      (await run(trust, extensions)).result.nodes.map(({ provider: by, frontmatter }) => [by, frontmatter?.['name']])
    expect(await providers('nothing', [...builtInPlugins, ...pluginOf('q', [plain])])).toEqual([['notes', undefined]])
    expect(await providers('stat', more('q'))).toEqual([['notes', 'a']])
  })

  test('lets the Provider that is asked first now have a file that another one had', async () => {
    const claims = (id: string) => provider({ id, classify: () => 'note' })
    const extensions = pluginOf('p', [claims('one'), claims('two')])
    const { run } = mapOver({ 'a.md': 'x' })
    const had = async (...providers: string[]) =>
      (await run('stat', extensions, { providers })).result.nodes.map((node) => node.provider)
    expect([await had('one', 'two'), await had('two', 'one')]).toEqual([['one'], ['two']])
  })

  test('asks no Provider about what did not change, and each one again where one failed', async () => {
    const asked: string[] = []
    let fails = true
    const claims = provider({
      classify: (path) => {
        asked.push(path)
        if (fails && path === 'a.md') throw new Error('not now')
        return 'note'
      },
    })
    const extensions = [...pluginOf('p', [claims]), ...builtInPlugins]
    const { run } = mapOver(FILES)
    await run('nothing', extensions)
    ;[asked.length, fails] = [0, false]
    const { result } = await run('stat', extensions)
    expect([asked, result.nodes.map(({ kind }) => kind)]).toEqual([['a.md'], ['note', 'note', 'note']])
  })

  test('takes what a Provider that walks yields for what there is, whatever the file looks like', async () => {
    let said: string | undefined
    const walker = walkingProvider({ walk: () => (said === undefined ? [] : [{ path: 'c/d.md', body: said }]) })
    const { run } = mapOver(FILES)
    const bodies = async () =>
      (await run('stat', [...builtInPlugins, ...pluginOf('p', [walker])])).result.nodes.flatMap(
        ({ provider: by, bytes }) => (by === 'walker' ? bytes.body : []),
      )
    expect(await bodies()).toEqual([])
    said = 'three'
    expect(await bodies()).toEqual([5])
    said = 'four'
    expect(await bodies()).toEqual([4])
    said = undefined
    expect([await bodies(), (await run('stat')).result.nodes.length]).toEqual([[], 3])
  })
})
