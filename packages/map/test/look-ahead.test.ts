import { rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '@tenon/contract'
import { builtInPlugins, openMapStore, scan, type Scan, type ScanEvent } from '@tenon/map'
import { temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { statOf } from '../src/files/file-stat.ts'
import { walk } from '../src/files/walk.ts'
import { lookAhead } from '../src/kernel/look-ahead.ts'
import { openRegistry } from '../src/kernel/registry.ts'
import { packedLook, unpackedLook } from '../src/thread/look.ts'
import { secondThread } from '../src/thread/second-thread.ts'
import { named, pluginOf, writeFiles } from './folder-scan.ts'
import { walkingProvider } from './foreign-extension.ts'
import { worldAt } from './map-over.ts'

const MANY = 2_000

/** A kept map of so many files that a second thread looks at them. */
function largeMap() {
  const folder = temporaryFolder()
  const paths = Array.from({ length: MANY }, (_, at) => `${at % 40}/${at}.md`)
  writeFiles(folder, Object.fromEntries(paths.map((path) => [path, `${named(path)}@${path}`])))
  const world = worldAt(folder)
  const store = openMapStore(join(temporaryFolder(), 'map.db'), world)
  onTestFinished(() => store.close())
  const run = async (
    more: { roots?: string[]; tokens?: boolean; reading?: 'sparse' } = {},
  ): Promise<Scan & { events: ScanEvent[] }> => {
    const { roots = ['.'], tokens = false } = more
    const events: ScanEvent[] = []
    const onEvent = (event: ScanEvent): void => void events.push(event)
    const before = store.snapshot('stat', more.reading)
    const done = await scan({ roots, world, options: { tokens, before, trust: 'stat', onEvent } })
    store.persist(done)
    return { ...done, events }
  }
  const cold = (tokens = false): Promise<Scan> => scan({ roots: ['.'], world, options: { tokens } })
  return { folder, run, cold, write: (files: Record<string, string>) => writeFiles(folder, files) }
}

const graphOf = ({ result: { nodes, links } }: Scan) => ({ nodes, links })

describe('a large map whose files a second thread looks at', () => {
  test('comes to what a scan from nothing finds, whatever was written, removed and hidden', async () => {
    const { folder, run, cold, write } = largeMap()
    await run()
    write({
      '1/1.md': 'other',
      '1/1.sm': 'identity: {path: 1/1.md, bodyHash: x, frontmatterHash: y}\n',
      '41/new.md': '@x',
    })
    write({ '.skillmapignore': `2/\n${'x'.repeat(limits.ignoreRuleChars + 1)}` })
    rmSync(join(folder, '3/3.md'))
    const warm = await run()
    expect(graphOf(warm)).toEqual(graphOf(await cold()))
    const read = warm.events.flatMap(({ type, data }) => (type === 'scan.progress' && !data.cached ? [data.path] : []))
    expect(read).toEqual(['1/1.md', '41/new.md'])
    const skipped = warm.events.flatMap(({ type, data }) => (type === 'scan.skipped' ? [data] : []))
    expect(skipped).toEqual([{ path: '.skillmapignore', reason: 'rule-too-long' }])
  })

  test('has its tokens counted', async () => {
    const { run, cold, write } = largeMap()
    await run({ tokens: true })
    write({ '1/1.md': 'some other words' })
    expect(graphOf(await run({ tokens: true }))).toEqual(graphOf(await cold(true)))
    write({ '2/2.md': 'and some more' })
    expect(graphOf(await run({ tokens: true, reading: 'sparse' }))).toEqual(graphOf(await cold(true)))
  }, 60_000)

  test('is told of as unreadable where its folder is gone', async () => {
    const { folder, run } = largeMap()
    await run()
    rmSync(folder, { recursive: true })
    await expect(run()).rejects.toMatchObject({ code: 'SCAN_FAILED' })
  })
})

test('what a look finds is what walking finds, and how each file looks', () => {
  const root = temporaryFolder()
  writeFiles(root, { 'a.md': 'x', 'a.sm': 'y', 'b/c.md': '', 'b/d.sm': '', 'e.txt': '' })
  utimesSync(join(root, 'a.md'), 1, 2)
  const at = { root, extensions: new Set(['.md']), ignore: [] }
  const { listings: _, ...found } = walk(root, { ...at, any: false, onSkipped: () => undefined })
  const files = found.files.map((file) => ({ ...file, stat: statOf(file) }))
  expect(unpackedLook(root, packedLook(at))).toEqual({ ...found, files, skipped: [] })
})

const { providers } = openRegistry(builtInPlugins, { keys: [], kinds: [] })

test('a thread looks at the roots of a large map', async () => {
  const cwd = temporaryFolder()
  writeFiles(cwd, { 'a/b.md': '', 'c/d.md': '' })
  await using thread = secondThread(false)
  const looks = lookAhead(thread, { roots: ['a', 'c'], cwd, providers, ignore: [], before: { filesWalked: MANY } }, 2)
  const found = await Promise.all(
    [...looks].map(async ([root, look]) => [root, (await look)?.files.map(({ path }) => path)]),
  )
  expect(found).toEqual([
    [join(cwd, 'a'), ['b.md']],
    [join(cwd, 'c'), ['d.md']],
  ])
})

test('a thread makes ready to count where this one has the time to look', async () => {
  await using thread = secondThread(false)
  const before = { filesWalked: MANY, isSparse: true }
  const looks = lookAhead(thread, { roots: ['.'], cwd: '/', providers, ignore: [], before }, 2)
  expect([looks.size, thread.isBegun]).toEqual([0, true])
})

describe('no thread begins', () => {
  const walking = openRegistry(pluginOf('p', [walkingProvider()]), { keys: [], kinds: [] }).providers
  test.each([
    ['for few files', { providers, filesWalked: MANY - 1, processors: 2 }],
    ['on one processor', { providers, filesWalked: MANY, processors: 1 }],
    ['where a Provider finds files itself', { providers: walking, filesWalked: MANY, processors: 2 }],
  ])('%s', async (_, { filesWalked, processors, providers: who }) => {
    await using thread = secondThread(false)
    const ahead = { roots: ['.'], cwd: '/', providers: who, ignore: [], before: { filesWalked } }
    expect([lookAhead(thread, ahead, processors).size, thread.isBegun]).toEqual([0, false])
  })
})
