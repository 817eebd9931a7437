import { join } from 'node:path'
import { declaredStorage, discoverPlugins, isLoadable, mapRuntime, type DeclaredStorage } from '@tenon/map'
import { temporaryFolder } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { writeFiles, type Files } from './folder-scan.ts'

/** Plugins of these ids and storages, each with the files. */
async function discovered(storages: Record<string, unknown>, files: Files = {}) {
  const folder = temporaryFolder()
  for (const [id, storage] of Object.entries(storages)) {
    const manifest = { id, version: '1.0.0', specCompat: '*', extensions: ['x.mjs'], storage }
    writeFiles(join(folder, id), { 'plugin.json': JSON.stringify(manifest), 'x.mjs': '', ...files })
  }
  return discoverPlugins([{ path: folder, source: 'given' }])
}

async function declared(storage: unknown, files: Files): Promise<DeclaredStorage | undefined> {
  const [plugin] = await discovered({ words: storage }, files)
  if (plugin === undefined || !isLoadable(plugin)) throw new Error(plugin?.reason)
  return declaredStorage(plugin.id, mapRuntime(plugin.description).mapStorage, plugin.files)
}

const DEDICATED = { mode: 'dedicated', tables: ['items'], migrations: ['./sql/001_items.sql'] }
const FILES = { 'sql/001_items.sql': 'CREATE TABLE items (x)', 's.json': '{"type":"object"}' }

test('what a plugin declares is read with its files', async () => {
  expect(await declared(undefined, {})).toBeUndefined()
  expect(await declared({ mode: 'kv' }, {})).toEqual({ mode: 'kv', schema: undefined })
  const kv = await declared({ mode: 'kv', schema: 's.json' }, FILES)
  expect(kv?.mode === 'kv' && kv.schema?.problems(1)).toHaveLength(1)
  const dedicated = await declared({ ...DEDICATED, schemas: { items: './s.json' } }, FILES)
  expect(dedicated).toMatchObject({
    ...{ mode: 'dedicated', pluginId: 'words', tables: ['items'] },
    migrations: [{ name: '001_items.sql', sql: 'CREATE TABLE items (x)' }],
  })
  expect(dedicated?.mode === 'dedicated' && dedicated.schemas['items']?.problems({})).toEqual([])
})

test.each<[what: string, storage: object, files: Files, reason: RegExp]>([
  ['a schema that is not there', { mode: 'kv', schema: 'none.json' }, FILES, /it has no file "none\.json"/],
  ['a schema that is no path', { mode: 'kv', schema: { type: 'object' } }, FILES, /it has no file \{"type"/],
  ['a schema that is no JSON', { mode: 'kv', schema: 's.json' }, { 's.json': '{' }, /s\.json/],
  [
    'a schema that checks nothing',
    { mode: 'kv', schema: 's.json' },
    { 's.json': '{"type":"thing"}' },
    /the schema is invalid/,
  ],
  ['a migration that is not there', DEDICATED, {}, /it has no file "\.\/sql\/001_items\.sql"/],
  [
    'a schema of a table that is not its own',
    { ...DEDICATED, schemas: { other: 's.json' } },
    FILES,
    /other is no table of it/,
  ],
])('a plugin with %s is not loaded', async (_, storage, files, reason) => {
  const [plugin] = await discovered({ words: storage }, files)
  expect(plugin).toMatchObject({ status: 'load-error', reason: expect.stringMatching(reason) })
})

test('plugins that would share a table are none of them loaded, and the others are', async () => {
  const storages = { my: { ...DEDICATED, tables: ['notes_items'] }, 'my-notes': DEDICATED, other: DEDICATED }
  const found = await discovered(storages, FILES)
  expect(found.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'my load-error',
    'my-notes load-error',
    'other enabled',
  ])
  expect(found[0]?.reason).toBe(
    'the table notes_items of my would be plugin_my_notes_items, as would items of my-notes',
  )
})
