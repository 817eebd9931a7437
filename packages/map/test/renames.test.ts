import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMapStore, scan, type ScanResult } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { named, writeFiles, type Files } from './folder-scan.ts'

/** Scans one state of a folder and then another, and gives what the second scan says of what moved. */
async function moved(before: Files, after: Files) {
  const store = openMapStore(join(temporaryFolder(), 'map.db'), simulatedWorld(1))
  const scanned = async (files: Files) => {
    const cwd = temporaryFolder()
    writeFiles(cwd, files)
    const options = { tokens: false, before: store.snapshot(), strandedPaths: store.strandedPaths }
    const done = await scan({ roots: ['.'], world: simulatedWorld(1, { cwd }), options })
    store.persist(done)
    return done
  }
  await scanned(before)
  for (const path of Object.keys(before)) store.favorites.add(path)
  const { renames, result } = await scanned(after)
  const again = await scanned(after)
  const told = ({ issues }: typeof result) =>
    issues
      .filter(({ ruleId }) => /^(orphan|auto-rename)/.test(ruleId))
      .map(({ ruleId, severity, nodeIds, data }) => [ruleId, severity, nodeIds, data])
  return { renames, told: told(result), later: told(again.result), favorites: store.favorites.all() }
}

test('a file of the same body lives on, without a word, and what is kept about it goes along', async () => {
  expect(await moved({ 'a.md': 'body' }, { 'c/b.md': `${named('n')}body` })).toEqual({
    ...{ renames: [{ from: 'a.md', to: 'c/b.md' }], told: [], later: [], favorites: ['c/b.md'] },
  })
})

test('a file of the same front matter and another body lives on where only one can be meant, and that is told', async () => {
  expect(await moved({ 'a.md': `${named('n')}old` }, { 'b.md': `${named('n')}new` })).toEqual({
    renames: [{ from: 'a.md', to: 'b.md' }],
    told: [['auto-rename-medium', 'warn', ['b.md'], { from: 'a.md', to: 'b.md', confidence: 'medium' }]],
    ...{ later: [], favorites: ['b.md'] },
  })
})

test('where several can be meant nothing is taken along, and each is an orphan for as long as something is kept', async () => {
  const before = { 'a.md': `${named('n')}one`, 'b.md': `${named('n')}two` }
  const orphans = [
    ['orphan', 'info', ['a.md'], { path: 'a.md' }],
    ['orphan', 'info', ['b.md'], { path: 'b.md' }],
  ]
  expect(await moved(before, { 'c.md': `${named('n')}three` })).toEqual({
    renames: [],
    told: [['auto-rename-ambiguous', 'warn', ['c.md'], { to: 'c.md', candidates: ['a.md', 'b.md'] }], ...orphans],
    ...{ later: orphans, favorites: ['a.md', 'b.md'] },
  })
})

test('to have no front matter is no sign of being the same', async () => {
  const { renames, told } = await moved({ 'a.md': 'one' }, { 'b.md': 'two' })
  expect([renames, told]).toEqual([[], [['orphan', 'info', ['a.md'], { path: 'a.md' }]]])
})

test('each file is taken once, in the order of the paths', async () => {
  const { renames } = await moved({ 'a.md': 'x', 'b.md': 'x' }, { 'c.md': 'x', 'd.md': 'x', 'e.md': 'x' })
  expect(renames).toEqual([
    { from: 'a.md', to: 'c.md' },
    { from: 'b.md', to: 'd.md' },
  ])
})

test('of another folder nothing is known, so nothing there has gone', async () => {
  const store = openMapStore(join(temporaryFolder(), 'map.db'), simulatedWorld(1))
  const cwd = temporaryFolder()
  writeFiles(cwd, { 'one/a.md': 'x', 'two/b.md': 'x' })
  const scanned = async (roots: string[]): Promise<ScanResult> => {
    const options = { tokens: false, before: store.snapshot(), trust: 'stat' as const }
    const done = await scan({ roots, world: simulatedWorld(1, { cwd }), options })
    store.persist(done)
    expect(done.renames).toEqual([])
    return done.result
  }
  await scanned(['one'])
  expect((await scanned(['two'])).issues).toEqual([])
  expect((await scanned([join(cwd, 'two')])).nodes).toHaveLength(1)
})
