import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openMapStore, readMap, readMapShape } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { named, scanFolder } from './folder-scan.ts'

test('a map is read as it was kept, and reading makes no file', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'map.db')
  const done = await scanFolder({ files: { 'a.md': `${named('a')}[b](b.md)\n` } })
  const store = openMapStore(path, simulatedWorld(1))
  store.persist(done)
  expect(readMap(path)).toEqual(done.result)
  store.close()
  expect([readMap(path), readMapShape(path), readdirSync(folder)]).toEqual([done.result, 1, ['map.db']])
})

test('there is no map where there is no file, nothing in it, or no scan yet', () => {
  const folder = temporaryFolder()
  const [missing, empty, fresh] = ['missing.db', 'empty.db', 'fresh.db'].map((name) => join(folder, name))
  writeFileSync(empty ?? '', '')
  openMapStore(fresh ?? '', simulatedWorld(1)).close()
  for (const path of [missing, empty, fresh]) expect(readMap(path ?? '')).toBeUndefined()
  expect([missing, empty, fresh].map((path) => readMapShape(path ?? ''))).toEqual([undefined, undefined, 1])
  expect(readdirSync(folder).sort()).toEqual(['empty.db', 'fresh.db'])
})
