import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '@tenon/database'
import { mapMigrations, openMapStore, readMap, readMapParts, readMapShape, showKeptNode, showNode } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { named, scanFolder } from './folder-scan.ts'

const MAP_SHAPE = mapMigrations.length

test('a map is read as it was kept, and reading makes no file', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'map.db')
  const done = await scanFolder({ files: { 'a.md': `${named('a')}[b](b.md)\n` } })
  const store = openMapStore(path, simulatedWorld(1))
  store.persist(done)
  expect(readMap(path)).toEqual(done.result)
  store.close()
  expect([readMap(path), readMapShape(path), readdirSync(folder)]).toEqual([done.result, MAP_SHAPE, ['map.db']])
})

test('a part of a map, and a node of it, are what the whole map says', async () => {
  const path = join(temporaryFolder(), 'map.db')
  const done = await scanFolder({
    files: { 'a.md': `${named('a')}[b](b.md) [c](c.md)\n`, 'b.md': '[a](a.md)', 'x/d.md': `${named('a')}@a` },
  })
  openMapStore(path, simulatedWorld(1)).persist(done)
  const whole = readMap(path)
  if (whole === undefined) throw new Error('the map was not kept')
  const { nodes, links, issues } = whole
  expect(readMapParts(path, 'nodes', 'links', 'issues')).toEqual({ nodes, links, issues })
  expect(readMapParts(path, 'issues')).toEqual({ issues })
  for (const node of nodes) expect(showKeptNode(path, node.path)).toEqual(showNode(whole, node.path))
  expect(issues.length).toBeGreaterThan(0)
  expect(() => showKeptNode(path, 'c.md')).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
})

test('there is no map where there is no file, nothing in it, or no scan yet', () => {
  const folder = temporaryFolder()
  const [missing, empty, fresh] = ['missing.db', 'empty.db', 'fresh.db'].map((name) => join(folder, name))
  writeFileSync(empty ?? '', '')
  openMapStore(fresh ?? '', simulatedWorld(1)).close()
  for (const path of [missing, empty, fresh])
    expect([readMap(path ?? ''), readMapParts(path ?? '', 'nodes')]).toEqual([undefined, undefined])
  expect([missing, empty, fresh].map((path) => readMapShape(path ?? ''))).toEqual([undefined, undefined, MAP_SHAPE])
  expect(readdirSync(folder).sort()).toEqual(['empty.db', 'fresh.db'])
})

test('a database of an earlier or a later version, or of another program, is refused and left as it is', () => {
  const folder = temporaryFolder()
  const world = simulatedWorld(1)
  const later = { id: 'map/99', sql: 'CREATE TABLE later (a TEXT) STRICT' }
  const shapes = { earlier: mapMigrations.slice(0, 1), later: [...mapMigrations, later] }
  for (const [name, migrations] of Object.entries(shapes))
    openDatabase(join(folder, `${name}.db`), { migrations, world }).close()
  const foreign = new DatabaseSync(join(folder, 'foreign.db'))
  foreign.exec('CREATE TABLE scan_meta (id INTEGER)')
  foreign.close()
  for (const name of ['earlier', 'later', 'foreign'])
    expect(() => readMap(join(folder, `${name}.db`))).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_FORMAT' }))
  expect(readdirSync(folder).sort()).toEqual(['earlier.db', 'foreign.db', 'later.db'])
})
