import { builtInPlugins, type ExtensionSource } from '@tenon/map'
import { describe, expect, test } from 'vitest'
import { action } from './annotated-folder.ts'
import { pluginOf } from './folder-scan.ts'
import { rule } from './foreign-extension.ts'
import { mapOver } from './map-over.ts'

describe('a scan of what changed', () => {
  test.each(['whole', 'sparse'] as const)(
    'clears what a rule shows no longer of a node that nobody read, reading %s',
    async (reading) => {
      const { run, write, store } = mapOver({ 'a.md': '[b](b.md)', 'b.md': 'b' })
      await run('nothing')
      expect(store.readContributions('b.md')).toMatchObject([{ contributionId: 'linksIn' }])
      write({ 'a.md': 'a' })
      expect((await run('stat', builtInPlugins, {}, reading)).unread).toEqual(['b.md'])
      expect(store.readContributions()).toEqual([])
    },
  )

  test.each(['whole', 'sparse'] as const)('asks a rule again by another setting, reading %s', async (reading) => {
    const settings = { word: { type: 'single-string', label: 'W' } } as const
    const judges = rule({
      dependsOn: { nodes: [['bodyHash']], each: true },
      evaluate: ({ nodes, settings: { word } }) =>
        nodes.map(({ path: at }) => ({ ruleId: 'bad-node', nodeIds: [at], message: JSON.stringify(word) })),
    })
    const { run } = mapOver({ 'a.md': 'a', 'b.md': 'b' })
    const extensions = [...builtInPlugins, ...pluginOf('p', [judges], { settings })]
    const told = async (word: string): Promise<string[]> => {
      const { result } = await run('stat', extensions, { settings: { p: { word } } }, reading)
      return result.issues.filter(({ ruleId }) => ruleId === 'bad-node').map(({ message }) => message)
    }
    expect([await told('one'), await told('one'), await told('two')]).toEqual([
      ['"one"', '"one"'],
      ['"one"', '"one"'],
      ['"two"', '"two"'],
    ])
  })

  test.each(['whole', 'sparse'] as const)('keeps issues in the order of the nodes, reading %s', async (reading) => {
    const judges = rule({ dependsOn: { nodes: [['bodyHash']], each: true } })
    const { run, write } = mapOver({ 'a.md': 'a', 'b.md': 'b', 'c.md': 'c' })
    const extensions = [...builtInPlugins, ...pluginOf('p', [judges])]
    await run('stat', extensions)
    write({ 'a.md': 'A' })
    const { result } = await run('stat', extensions, {}, reading)
    const judged = result.issues.filter(({ ruleId }) => ruleId === 'bad-node')
    expect(judged.map(({ nodeIds }) => nodeIds)).toEqual([['a.md'], ['b.md'], ['c.md']])
  })

  test('judges sidecars again when a plugin brings a key to them', async () => {
    const sidecar = 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nmine: 1\n'
    const { run } = mapOver({ 'a.md': 'a', 'a.sm': sidecar })
    const annotates = action({
      annotationContributions: { mine: { schema: {}, location: 'root', ownership: 'exclusive' } },
    })
    const unknown = async (extensions: readonly ExtensionSource[]): Promise<number> =>
      (await run('stat', extensions)).result.issues.filter(({ ruleId }) => ruleId === 'unknown-field').length
    expect([await unknown(builtInPlugins), await unknown([...builtInPlugins, ...pluginOf('p', [annotates])])]).toEqual([
      1, 0,
    ])
  })
})
