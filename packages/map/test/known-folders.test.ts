import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { builtInPlugins, openMapStore, scan, type Scan, type ScanOptions } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { pluginOf, writeFiles, type Files } from './folder-scan.ts'
import { provider } from './foreign-extension.ts'
import { mapOver, worldAt } from './map-over.ts'

const pathsOf = ({ result }: Pick<Scan, 'result'>): string[] => result.nodes.map(({ path }) => path)

/** A scanned map whose database claims that nothing but these names was ever in a folder. */
async function deceived(files: Files, folder: string, names: readonly string[]) {
  const map = mapOver(files)
  await map.run('nothing')
  const database = new DatabaseSync(map.path)
  database.prepare('UPDATE scan_known_folders SET names_json = ? WHERE path = ?').run(JSON.stringify(names), folder)
  database.close()
  return map
}

const FILES = { 'a.md': '', 'b/c.md': '', 'b/d.md': '' }

describe('a folder that looks as it did', () => {
  test.each(['whole', 'sparse'] as const)('is not listed again, reading %s', async (reading) => {
    const { run } = await deceived(FILES, 'b', ['-c.md'])
    expect(pathsOf(await run('stat', builtInPlugins, {}, reading))).toEqual(['a.md', 'b/c.md'])
  })

  test.each(['text', 'nothing'] as const)('is listed all the same by who trusts %s', async (trust) => {
    const { run } = await deceived(FILES, 'b', ['-c.md'])
    expect(pathsOf(await run(trust))).toEqual(['a.md', 'b/c.md', 'b/d.md'])
  })

  test.each<[string, Files, ScanOptions]>([
    ['a file of ignore rules', { '.skillmapignore': 'c.md\n' }, {}],
    ['the configuration', {}, { ignore: ['c.md'] }],
  ])('is listed by the new rules of %s', async (_, files, options) => {
    const { run, write } = await deceived(FILES, 'b', ['-c.md'])
    write(files)
    expect(pathsOf(await run('stat', builtInPlugins, options))).toEqual(['a.md', 'b/d.md'])
  })

  test('is listed for a Provider that reads other files', async () => {
    const { run } = await deceived({ ...FILES, 'b/e.txt': '' }, 'b', ['-c.md'])
    const reads = provider({ read: { extensions: ['.txt'], parser: 'plain' }, classify: () => 'note' })
    const found = await run('stat', [...builtInPlugins, ...pluginOf('p', [reads])])
    expect(pathsOf(found).toSorted()).toEqual(['a.md', 'b/c.md', 'b/d.md', 'b/e.txt'])
  })
})

test('what came, went, was renamed and became something else in a known folder is found', async () => {
  const { run, write, folder } = mapOver({ 'a.md': '', 'b/c.md': '', 'b/d.md': '', 'b/e.md/f.md': '', 'g/h.md': '' })
  await run('nothing')
  write({ 'b/new/i.md': '' })
  rmSync(join(folder, 'b/d.md'))
  rmSync(join(folder, 'b/e.md'), { recursive: true })
  write({ 'b/e.md': '' })
  renameSync(join(folder, 'g'), join(folder, 'j'))
  expect(pathsOf(await run('stat'))).toEqual(['a.md', 'b/c.md', 'b/e.md', 'b/new/i.md', 'j/h.md'])
})

test('a file that came into a known folder has no other file in it read again', async () => {
  const { run, write } = mapOver({ 'b.md': '', 'c/d.md': '', 'c/e.md': '', 'c/e.sm': 'x' })
  await run('nothing')
  write({ 'a.md': '', 'c/dd.md': '' })
  expect((await run('stat')).unread).toEqual(['b.md', 'c/d.md', 'c/e.md'])
})

test('a sidecar that is alone, or not any more, is found in a known folder', async () => {
  const { run, write, folder } = mapOver({ 'a.md': '', 'b/c.md': '', 'b/c.sm': 'x' })
  const orphans = async (): Promise<unknown[]> =>
    (await run('stat')).result.issues.flatMap(({ ruleId, data }) => (ruleId === 'annotation-orphan' ? [data] : []))
  await run('nothing')
  rmSync(join(folder, 'b/c.md'))
  const alone = [expect.objectContaining({ expectedMdPath: 'b/c.md' })]
  expect(await orphans()).toEqual(alone)
  expect(await orphans()).toEqual(alone)
  write({ 'b/c.md': '' })
  expect(await orphans()).toEqual([])
})

test('a folder that had only just changed is listed again', async () => {
  const folder = temporaryFolder()
  writeFiles(folder, FILES)
  const store = openMapStore(join(temporaryFolder(), 'map.db'), simulatedWorld(1))
  onTestFinished(() => store.close())
  const world = { ...simulatedWorld(1, { cwd: folder }), now: () => Date.now() }
  store.persist(await scan({ roots: ['.'], world, options: { tokens: false } }))
  const marks = store.snapshot().knowledge.folders.flatMap((known) => [...known.values()].map(({ mark }) => mark))
  expect(marks).toEqual(['', ''])
})

test('folders of the same name in several roots are told apart', async () => {
  const cwd = temporaryFolder()
  writeFiles(cwd, { 'one/a/b.md': '', 'two/a/c.md': '' })
  const store = openMapStore(join(temporaryFolder(), 'map.db'), worldAt(cwd))
  onTestFinished(() => store.close())
  const scanned = async (): Promise<string[]> => {
    const options = { tokens: false, trust: 'stat', before: store.snapshot() } as const
    const done = await scan({ roots: ['one', 'two'], world: worldAt(cwd), options })
    store.persist(done)
    return pathsOf(done)
  }
  expect(await scanned()).toEqual(['a/b.md', 'a/c.md'])
  expect(await scanned()).toEqual(['a/b.md', 'a/c.md'])
  writeFiles(cwd, { 'two/a/d.md': '' })
  expect(await scanned()).toEqual(['a/b.md', 'a/c.md', 'a/d.md'])
  expect(store.snapshot().knowledge.folders.map((known) => [...known.keys()])).toEqual([
    ['', 'a'],
    ['', 'a'],
  ])
})

test('a root that is a link is listed where what it leads to has changed', async () => {
  const { run, folder } = mapOver({})
  const behind = temporaryFolder()
  mkdirSync(join(behind, 'b'))
  writeFileSync(join(behind, 'a.md'), '')
  rmSync(folder, { recursive: true })
  symlinkSync(behind, folder)
  expect(pathsOf(await run('nothing'))).toEqual(['a.md'])
  writeFileSync(join(behind, 'b.md'), '')
  expect(pathsOf(await run('stat'))).toEqual(['a.md', 'b.md'])
})

test('folders that are gone are forgotten, and no other is written again', async () => {
  const { run, write, folder, path } = mapOver({ 'a/x.md': '', 'b/y.md': '', 'c/z.md': '' })
  const rows = (): unknown[] => {
    const database = new DatabaseSync(path, { readOnly: true })
    const held = database.prepare('SELECT rowid AS id, path FROM scan_known_folders ORDER BY path').all()
    database.close()
    return held.map(({ id, path: at }) => [at, id])
  }
  await run('nothing')
  const before = new Map(rows() as [string, number][])
  rmSync(join(folder, 'a'), { recursive: true })
  write({ 'b/new.md': '' })
  await run('stat')
  const after = new Map(rows() as [string, number][])
  expect([...after.keys()]).toEqual(['', 'b', 'c'])
  expect(after.get('c')).toBe(before.get('c'))
})
