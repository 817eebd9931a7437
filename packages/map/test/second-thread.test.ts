import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { openMapStore, scan, type Scan, type ScanEvent } from '@tenon/map'
import { secondThread, type SecondThread } from '@tenon/map/thread'
import { temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { statOf } from '../src/files/file-stat.ts'
import { lookAtUnseen, sharedLooker, type SharedLooks } from '../src/thread/shared-looks.ts'
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

  test('is told of as unreadable where its folder is gone', async () => {
    const { folder, run } = helpedMap()
    await run('whole', false)
    rmSync(folder, { recursive: true })
    await expect(run('whole', false)).rejects.toMatchObject({ code: 'SCAN_FAILED' })
  })
})

describe('looks that two threads share', () => {
  /** Two known files, of which the second has a sidecar. */
  function known() {
    const folder = temporaryFolder()
    writeFiles(folder, { 'a.md': 'a', 'b.md': 'b', 'b.sm': '' })
    const at = (name: string) => join(folder, name)
    const files = [
      { path: 'a.md', absolute: at('a.md') },
      { path: 'b.md', absolute: at('b.md'), sidecar: at('b.sm') },
    ]
    const looks: SharedLooks = {
      ...{ folder, paths: files.map(({ path }) => path), marks: files.map((file) => statOf(file)?.mark ?? '') },
      states: new Uint8Array(new SharedArrayBuffer(files.length)),
    }
    return { folder, files, looks, write: (more: Record<string, string>) => writeFiles(folder, more) }
  }

  test('are taken from the one who looked first', () => {
    const { files, looks, write } = known()
    lookAtUnseen(looks)
    write({ 'a.md': 'changed since' })
    const look = sharedLooker(looks)
    expect(files.map((file) => look(file)?.mark)).toEqual(looks.marks)
  })

  test('are not taken of what looked changed, has a sidecar now, or was never known', () => {
    const { folder, files, looks, write } = known()
    write({ 'b.md': 'changed', 'a.sm': '', 'c.md': '' })
    lookAtUnseen(looks)
    const look = sharedLooker(looks)
    const now = [
      { path: 'a.md', absolute: join(folder, 'a.md'), sidecar: join(folder, 'a.sm') },
      ...files.slice(1),
      { path: 'c.md', absolute: join(folder, 'c.md') },
    ]
    expect(now.map(look)).toEqual(now.map(statOf))
    expect(looks.marks).not.toContain(look(now[0] ?? (files[0] as never))?.mark)
  })

  test('are none of what nobody may look at any more', () => {
    const { folder, files, looks } = known()
    rmSync(folder, { recursive: true })
    symlinkSync(folder, folder)
    lookAtUnseen(looks)
    expect(files.map(sharedLooker(looks))).toEqual([undefined, undefined])
  })

  test('keep the other from looking where one of them has', () => {
    const { files, looks } = known()
    const look = sharedLooker(looks)
    for (const file of files) look(file)
    const states = [...looks.states]
    lookAtUnseen({ ...looks, marks: ['', ''] })
    expect([...looks.states]).toEqual(states)
  })
})
