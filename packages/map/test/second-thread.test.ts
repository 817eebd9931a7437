import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { openMapStore, scan, type Scan, type ScanEvent } from '@tenon/map'
import { secondThread, type SecondThread } from '@tenon/map/thread'
import { temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { statOf } from '../src/files/file-stat.ts'
import { filesAmong, recalled, type KnownFolder } from '../src/files/listing.ts'
import { lookAtFolder } from '../src/files/looks.ts'
import { lookAtUnseen, seenIn, sharedLooks, type SharedLooks } from '../src/thread/shared-looks.ts'
import { named, writeFiles } from './folder-scan.ts'
import { worldAt } from './map-over.ts'

/** A kept map of some files, whose scans a thread helps with that began before. */
function helpedMap() {
  const folder = temporaryFolder()
  const paths = Array.from({ length: 300 }, (_, at) => `${at % 4}/${at}.md`)
  writeFiles(folder, Object.fromEntries(paths.map((path) => [path, `${named(path)}@${path}`])))
  const world = worldAt(folder)
  const store = openMapStore(join(temporaryFolder(), 'map.db'), world)
  onTestFinished(() => store.close())
  const scanned = async (thread: SecondThread, reading: 'whole' | 'sparse', tokens: boolean) => {
    thread.begin()
    const events: ScanEvent[] = []
    const onEvent = (event: ScanEvent): void => void events.push(event)
    const options = { tokens, before: store.snapshot('stat', reading), trust: 'stat', onEvent, thread } as const
    const done = await scan({ roots: ['.'], world, options })
    store.persist(done)
    const read = events.flatMap(({ type, data }) => (type === 'scan.progress' && !data.cached ? [data.path] : []))
    return { ...graphOf(done), read }
  }
  const run = async (reading: 'whole' | 'sparse', tokens: boolean) => {
    await using thread = secondThread(tokens)
    return await scanned(thread, reading, tokens)
  }
  const cold = async (tokens: boolean) => graphOf(await scan({ roots: ['.'], world, options: { tokens } }))
  return { folder, run, cold, write: (files: Record<string, string>) => writeFiles(folder, files) }
}

const graphOf = ({ result: { nodes, links } }: Scan) => ({ nodes, links })

describe('a scan that a second thread helps with', () => {
  test.each([
    ['whole', false],
    ['sparse', false],
    ['sparse', true],
  ] as const)('comes to what a scan from nothing finds, reading %s, tokens counted: %s', async (reading, tokens) => {
    const { folder, run, cold, write } = helpedMap()
    await run(reading, tokens)
    write({
      '1/1.md': 'other',
      '2/2.sm': 'identity: {path: 2/2.md, bodyHash: x, frontmatterHash: y}\n',
      '5/new.md': '@x',
      '.skillmapignore': '3/7.md\n',
    })
    rmSync(join(folder, '3/3.md'))
    const { read, ...warm } = await run(reading, tokens)
    expect(warm).toEqual(await cold(tokens))
    expect(read).toEqual(['1/1.md', '2/2.md', '5/new.md'])
    rmSync(join(folder, '2/2.sm'))
    const { read: again, ...less } = await run(reading, tokens)
    expect(less).toEqual(await cold(tokens))
    expect(again).toEqual(['2/2.md'])
  })

  test('tells apart what looks the same in several roots', async () => {
    const cwd = temporaryFolder()
    writeFiles(cwd, { 'one/a/b.md': 'b', 'one/a/c.md': 'c', 'two/a/c.md': 'taken', 'two/a/d.md': 'd' })
    const world = worldAt(cwd)
    const store = openMapStore(join(temporaryFolder(), 'map.db'), world)
    onTestFinished(() => store.close())
    const roots = ['one', 'two']
    const scanned = async () => {
      await using thread = secondThread(false)
      thread.begin()
      const options = { tokens: false, trust: 'stat', before: store.snapshot('stat', 'sparse'), thread } as const
      const done = await scan({ roots, world, options })
      store.persist(done)
      return graphOf(done)
    }
    const cold = async () => graphOf(await scan({ roots, world, options: { tokens: false } }))
    expect(await scanned()).toEqual(await cold())
    expect(await scanned()).toEqual(await cold())
    writeFiles(cwd, { 'two/a/d.md': '[b](b.md)' })
    rmSync(join(cwd, 'one/a/c.md'))
    expect(await scanned()).toEqual(await cold())
  })

  test('is told of as unreadable where its folder is gone', async () => {
    const { folder, run } = helpedMap()
    await run('whole', false)
    rmSync(folder, { recursive: true })
    await expect(run('whole', false)).rejects.toMatchObject({ code: 'SCAN_FAILED' })
  })
})

describe('looks that two threads share', () => {
  const NAMES = { one: ['-a.md'], two: ['/deep', '+b.md'], 'two/deep': ['-c.md'] }

  /** Three known folders, of one of which a file has a sidecar. */
  function known() {
    const root = temporaryFolder()
    const write = (files: Record<string, string>) => writeFiles(root, files)
    write({ 'one/a.md': 'a', 'two/b.md': 'b', 'two/b.sm': '', 'two/deep/c.md': '' })
    const folderAt = (path: string, signed: readonly string[]): KnownFolder => {
      const names = JSON.stringify(signed)
      const files = filesAmong(recalled(root, path, { mark: '', names }).entries)
      const looks = JSON.stringify(files.map((file) => statOf(file)?.look ?? null))
      return { mark: lookAtFolder({ root, search: 'md' }, path)?.mark ?? '', names, looks }
    }
    const folders = Object.entries(NAMES).map(([path, names]): [string, KnownFolder] => [path, folderAt(path, names)])
    return { root, write, looks: sharedLooks({ root, search: 'md', folders: new Map(folders) }) }
  }

  /** Of the one file of each folder whether it was seen to look as it did; undefined where nothing was seen of the folder. */
  const seen = (looks: SharedLooks) => Object.keys(NAMES).map((path) => seenIn(looks)(path)?.(0))

  test('are taken from the one who looked first', () => {
    const { looks, write } = known()
    lookAtUnseen(looks)
    write({ 'one/a.md': 'changed since' })
    expect(seen(looks)).toEqual([true, true, true])
  })

  test.each<[string, Record<string, string>, (boolean | undefined)[]]>([
    ['a file that changed', { 'one/a.md': 'other' }, [false, true, true]],
    ['a sidecar that changed', { 'two/b.sm': 'x' }, [true, false, true]],
    ['a sidecar that came', { 'one/a.sm': '' }, [undefined, true, true]],
    ['a file that came', { 'two/deep/d.md': '' }, [true, true, undefined]],
  ])('tell of a folder with %s that it does not look as it did', (_, files, expected) => {
    const { looks, write } = known()
    write(files)
    lookAtUnseen(looks)
    expect(seen(looks)).toEqual(expected)
  })

  test('are none of a folder of which a file was to be read, or that is looked at for something else', () => {
    const { looks } = known()
    const [[path, folder] = ['', { mark: '', names: '', looks: '' }], ...others] = looks.folders
    lookAtUnseen({ ...looks, folders: [[path, { ...folder, looks: '[null]' }], ...others] })
    expect(seen(looks)).toEqual([false, true, true])
    const { looks: anew } = known()
    lookAtUnseen({ ...anew, search: 'txt' })
    expect(seen(anew)).toEqual([undefined, undefined, undefined])
  })

  test('are none of what nobody may look at any more, or nobody knew', () => {
    const { root, looks } = known()
    rmSync(root, { recursive: true })
    symlinkSync(root, root)
    lookAtUnseen(looks)
    expect(seen(looks)).toEqual([undefined, undefined, undefined])
    expect(seenIn(looks)('three')).toBeUndefined()
  })

  test('keep the other from looking where one of them has', () => {
    const { looks } = known()
    const states = [seen(looks), ...looks.states]
    lookAtUnseen({ ...looks, search: 'txt' })
    lookAtUnseen(looks)
    expect([seen(looks), ...looks.states]).toEqual(states)
  })
})
