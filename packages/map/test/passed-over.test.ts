import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  builtInPlugins,
  scan,
  type ExtensionSource,
  type Scan,
  type ScanEvent,
  type ScanOptions,
  type Trust,
} from '@tenon/map'
import { describe, expect, test } from 'vitest'
import { named, pluginOf, type Files } from './folder-scan.ts'
import { extractor, provider } from './foreign-extension.ts'
import { mapOver, worldAt } from './map-over.ts'

/** One of them is complained about. */
const FILES = { 'a.md': named('a'), 'b.md': '[a](a.md)', 'c/d.md': ' ---\nname: d\n---\n', 'c/e.md': 'plain' }

/** Takes what has a name, after the built-in Provider of Markdown has been asked to leave it. */
const EXTENSIONS = [
  ...pluginOf('unnamed', [
    provider({ id: 'unnamed', classify: (_, { name }) => (name === undefined ? 'note' : null) }),
  ]),
  ...pluginOf('named', [provider({ id: 'named', classify: (_, { name }) => (name === undefined ? null : 'note') })]),
  ...builtInPlugins,
]

/** What there is to be seen of a scan, but for its times. */
const seen = ({ result: { nodes, links, issues, stats } }: Scan) => ({ nodes, links, issues, ...stats, durationMs: 0 })

/** A map of which a scan read no more than it needed, that scan, and one from nothing. */
async function scanned(change: (write: (files: Files) => void, folder: string) => void, more: ScanOptions = {}) {
  const { folder, write, run } = mapOver(FILES)
  await run('nothing', EXTENSIONS)
  change(write, folder)
  const warm = await run('stat', EXTENSIONS, more, 'sparse')
  const request = { roots: ['.'], world: worldAt(folder), extensions: EXTENSIONS }
  const cold = await scan({ ...request, options: { tokens: false } })
  return { warm, cold, again: async () => await run('stat', EXTENSIONS, {}, 'sparse') }
}

const LATEST = { 'b.md': '[a](a.md) and more' }

describe('a scan that passes over files which look as they did', () => {
  test.each<[string, (write: (files: Files) => void, folder: string) => void]>([
    ['nothing is another', () => undefined],
    ['a text is another', (write) => write(LATEST)],
    ['the links of a text are others', (write) => write({ 'c/e.md': '[b](../b.md)' })],
    ['a file came', (write) => write({ ...LATEST, 'aa.md': 'x' })],
    ['a file is claimed by another Provider', (write) => write({ 'c/e.md': named('e'), 'a.md': 'none' })],
    ['a complaint is gone', (write) => write({ 'c/d.md': named('d') })],
  ])('comes to what a scan from nothing comes to, and so does the next: %s', async (_, change) => {
    const { warm, cold, again } = await scanned(change)
    expect(seen(warm)).toEqual(seen(cold))
    expect(seen(await again())).toEqual(seen(cold))
  })

  test('comes to the graph that a scan from nothing comes to where a file is gone', async () => {
    const { warm, cold } = await scanned((write, folder) => {
      write(LATEST)
      rmSync(join(folder, 'c/e.md'))
    })
    expect(warm.result.nodes).toEqual(cold.result.nodes)
    expect(warm.result.links).toEqual(cold.result.links)
  })

  test('leaves out what nobody claims any more, however it looks', async () => {
    const { run } = mapOver({ 'a.md': 'x', 'b/c.md': named('c') })
    const plugin = (version: string, isClaimed: boolean) =>
      pluginOf('p', [
        provider({ version, classify: (_, { name }) => (isClaimed || name !== undefined ? 'note' : null) }),
      ])
    const found = async (trust: Trust, extensions: readonly ExtensionSource[]) => {
      const { result } = await run(trust, extensions, {}, 'sparse')
      return [result.nodes.map(({ path }) => path), result.stats.nodesCount, result.stats.filesSkipped]
    }
    expect(await found('nothing', plugin('1.0.0', true))).toEqual([['a.md', 'b/c.md'], 2, 0])
    expect(await found('stat', plugin('1.0.1', false))).toEqual([['b/c.md'], 1, 1])
    expect(await found('stat', plugin('1.0.1', false))).toEqual([['b/c.md'], 1, 1])
  })

  test('tells of each of them', async () => {
    const { warm } = await scanned((write) => write(LATEST))
    expect(warm.unread.toSorted()).toEqual(['a.md', 'c/d.md', 'c/e.md'])
  })

  test('tells nothing that is not heeded', async () => {
    const events: ScanEvent['type'][] = []
    const onEvent = ({ type }: ScanEvent): void => void events.push(type)
    await scanned((write) => write(LATEST), { onEvent, heeds: ['scan.started', 'scan.completed'] })
    expect(events).toEqual(['scan.started', 'scan.completed'])
  })
})

test('files of which most was not read keep how they looked where an extractor is gone', async () => {
  const { run } = mapOver(FILES)
  const extensions = [...builtInPlugins, ...pluginOf('p', [extractor({ extract: () => {} })])]
  await run('nothing', extensions)
  const { knowledge } = await run('stat', builtInPlugins, {}, 'sparse')
  expect([...knowledge.files.values()].filter(({ look }) => look === undefined)).toEqual([])
})
