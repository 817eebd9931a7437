import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { foreignValidator } from '@tenon/contract/schema'
import {
  migratePlugin,
  openDedicatedStore,
  openMapStore,
  pluginStatus,
  tableCalls,
  tableCollisions,
  type DedicatedOwner,
  type DedicatedStore,
} from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'

const world = simulatedWorld(1)
const ITEMS =
  'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, more TEXT); CREATE INDEX by_name ON items (name);'

type Given = { pluginId?: string; tables?: string[]; sql: Record<string, string> }

const storageOf = ({ pluginId = 'my-notes', tables = ['items'], sql }: Given) => ({
  pluginId,
  tables,
  migrations: Object.entries(sql).map(([name, text]) => ({ name, sql: text })),
})
const migrate = (path: string, given: Given) => migratePlugin(path, world, storageOf(given))

function newMap(): string {
  const path = join(temporaryFolder(), 'map.db')
  openMapStore(path, world).close()
  return path
}

function rowsOf(path: string, sql: string): object[] {
  using database = new DatabaseSync(path)
  return database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }))
}

const catalogue = (path: string) => rowsOf(path, 'SELECT * FROM sqlite_schema ORDER BY name')
const ledger = (path: string) =>
  rowsOf(path, "SELECT owner_id, version, description FROM config_schema_versions WHERE scope = 'plugin'")

const failure = (words: string) =>
  expect.objectContaining({ code: 'MIGRATION_FAILED', message: expect.stringContaining(words) })

describe('the migrations of a plugin', () => {
  test('make its tables, whose names say whose they are, once', () => {
    const path = newMap()
    const sql = { '001_make_items.sql': ITEMS, '002_more.sql': 'ALTER TABLE items ADD COLUMN note; -- done;' }
    const status = () => pluginStatus(path, storageOf({ sql })).map(({ version, applied }) => [version, applied])
    expect(status()).toEqual([
      [1, false],
      [2, false],
    ])
    expect(migrate(path, { sql })).toEqual([
      { version: 1, description: 'make items' },
      { version: 2, description: 'more' },
    ])
    expect(status()).toEqual([
      [1, true],
      [2, true],
    ])
    expect(migrate(path, { sql })).toEqual([])
    expect(ledger(path)).toEqual([
      { owner_id: 'my-notes', version: 1, description: 'make items' },
      { owner_id: 'my-notes', version: 2, description: 'more' },
    ])
    const made = catalogue(path).map((row) => (row as { name: string }).name)
    expect(made.filter((name) => name.startsWith('plugin_'))).toEqual([
      'plugin_my_notes_by_name',
      'plugin_my_notes_items',
    ])
    expect(rowsOf(path, "SELECT name FROM pragma_table_info('plugin_my_notes_items')")).toHaveLength(4)
  })

  test('may name their tables with the prefix, and rebuild one through another', () => {
    const path = newMap()
    migrate(path, {
      tables: ['plugin_my_notes_items'],
      sql: { '001_a.sql': ITEMS.replaceAll('items', 'plugin_my_notes_items') },
    })
    const sql = {
      '001_a.sql': ITEMS,
      '002_rebuild.sql': `INSERT INTO "items" (id, name) VALUES (1, 'items; -- not a table'), (2, 'b');
        UPDATE OR IGNORE items SET name = 'b' WHERE id = 1;
        CREATE TABLE IF NOT EXISTS plugin_my_notes_next (id INTEGER PRIMARY KEY, parent REFERENCES [items] (id));
        INSERT INTO plugin_my_notes_next SELECT i.id, NULL FROM items AS i JOIN items USING (id);
        DROP INDEX IF EXISTS by_name; DROP TABLE items; ALTER TABLE plugin_my_notes_next RENAME TO items;`,
    }
    migrate(path, { sql })
    expect(rowsOf(path, 'SELECT * FROM plugin_my_notes_items')).toEqual([
      { id: 1, parent: null },
      { id: 2, parent: null },
    ])
  })

  test('are done whole or not at all, one by one', () => {
    const path = newMap()
    const sql = {
      '001_a.sql': ITEMS,
      '002_b.sql': 'ALTER TABLE items ADD COLUMN note; INSERT INTO items (id) VALUES (1), (1)',
    }
    expect(() => migrate(path, { sql })).toThrow(failure('002_b.sql of my-notes: UNIQUE constraint failed'))
    expect(ledger(path)).toHaveLength(1)
    expect(rowsOf(path, "SELECT name FROM pragma_table_info('plugin_my_notes_items')")).toHaveLength(3)
    migrate(path, { sql: { ...sql, '002_b.sql': 'ALTER TABLE items ADD COLUMN note' } })
    expect(ledger(path)).toHaveLength(2)
  })

  test('are read before any is run, and everything that is wrong is told with its line', () => {
    const path = newMap()
    const sql = {
      '1_short.sql': 'SELECT 1',
      '002_a.sql': `${ITEMS}\n-- fine\nBEGIN;\nPRAGMA writable_schema = 1; ATTACH 'x' AS y;\nDELETE FROM scan_nodes;`,
      '002_b.sql':
        'CREATE VIEW v AS SELECT 1;\nCREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM plugin_other_x; END;',
      '003_c.sql': 'CREATE TEMP TABLE items (x); CREATE VIRTUAL TABLE items USING fts5(a); VACUUM; DROP VIEW v',
    }
    expect(() => migrate(path, { sql })).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_FAILED',
        problems: [
          expect.objectContaining({ file: '002_a.sql', line: 3, message: 'BEGIN is nothing for a migration' }),
          expect.objectContaining({ file: '002_a.sql', line: 4, message: 'PRAGMA is nothing for a migration' }),
          expect.objectContaining({ file: '002_a.sql', line: 4, message: 'ATTACH is nothing for a migration' }),
          expect.objectContaining({ file: '002_a.sql', line: 5, message: 'scan_nodes is a table of the map itself' }),
          expect.objectContaining({ file: '002_b.sql', message: 'has the number of another' }),
          expect.objectContaining({ file: '002_b.sql', line: 1, message: 'CREATE VIEW is nothing for a migration' }),
          expect.objectContaining({ file: '002_b.sql', line: 2, message: 'CREATE TRIGGER is nothing for a migration' }),
          expect.objectContaining({ file: '002_b.sql', line: 2, message: 'plugin_other_x is not a table of my-notes' }),
          expect.objectContaining({ file: '002_b.sql', line: 2, message: 'END is nothing for a migration' }),
          expect.objectContaining({ file: '003_c.sql', message: 'CREATE TEMP is nothing for a migration' }),
          expect.objectContaining({ file: '003_c.sql', message: 'CREATE VIRTUAL is nothing for a migration' }),
          expect.objectContaining({ file: '003_c.sql', message: 'VACUUM is nothing for a migration' }),
          expect.objectContaining({ file: '003_c.sql', message: 'DROP VIEW is nothing for a migration' }),
          expect.objectContaining({ file: '1_short.sql', message: 'is not named as NNN_what_it_does.sql' }),
          expect.objectContaining({ file: '1_short.sql', message: 'SELECT is nothing for a migration' }),
        ],
      }),
    )
    expect(catalogue(path).some((row) => (row as { name: string }).name.startsWith('plugin_'))).toBe(false)
  })

  test.each([
    ['ALTER TABLE items RENAME TO scan_items', 'scan_items is a table of the map itself'],
    ['ALTER TABLE items RENAME TO "other"', 'it changes what is not its own'],
    ['ALTER TABLE items RENAME TO plugin_other_items', 'plugin_other_items is not a table of my-notes'],
    ['CREATE TABLE plain (x)', 'CREATE TABLE plain is not allowed'],
    ['CREATE TABLE plugin_my_notes_extra (x)', 'plugin_my_notes_extra is made, and not declared'],
    ['DROP TABLE items', 'plugin_my_notes_items is declared, and no migration makes it'],
    [
      'UPDATE items SET more = (SELECT group_concat(b.path) FROM items, scan_nodes b)',
      'READ scan_nodes path is not allowed',
    ],
    ['UPDATE items SET more = (SELECT sql FROM main . sqlite_schema)', 'SELECT is not allowed'],
    [
      'INSERT INTO items (name) SELECT value_json FROM main.config_preferences',
      'READ config_preferences value_json is not allowed',
    ],
    [
      'CREATE TABLE plugin_my_notes_x (y REFERENCES config_plugins (plugin_id)); DROP TABLE items; ALTER TABLE plugin_my_notes_x RENAME TO items',
      'config_plugins is a table of the map itself',
    ],
    [
      'CREATE TABLE plugin_my_notes_x (y REFERENCES/**/"others" (id)); DROP TABLE items; ALTER TABLE plugin_my_notes_x RENAME TO items',
      'plugin_my_notes_items refers to others, which is not its own',
    ],
    ['UPDATE sqlite_sequence SET seq = 9', 'sqlite_sequence is a table of the map itself'],
    ['UPDATE/**/main.sqlite_sequence SET seq = 9', 'UPDATE sqlite_sequence seq is not allowed'],
    ["UPDATE items SET more = load_extension('x')", 'FUNCTION load_extension is not allowed'],
  ])('reach nothing but their own tables: %s', (attack, words) => {
    const path = newMap()
    migrate(path, { sql: { '001_a.sql': ITEMS } })
    const before = catalogue(path)
    expect(() => migrate(path, { sql: { '001_a.sql': ITEMS, '002_b.sql': attack } })).toThrow(failure(words))
    expect(catalogue(path)).toEqual(before)
    expect(ledger(path)).toHaveLength(1)
  })

  test('do not get at the tables of a plugin whose id begins as theirs', () => {
    const path = newMap()
    migrate(path, { pluginId: 'my-notes', sql: { '001_a.sql': ITEMS } })
    const stolen = { '001_a.sql': 'CREATE TABLE mine (x); INSERT INTO mine SELECT name FROM plugin_my_notes_items' }
    expect(() => migrate(path, { pluginId: 'my', tables: ['mine'], sql: stolen })).toThrow(
      failure('READ plugin_my_notes_items name is not allowed'),
    )
    const taken = { '001_a.sql': 'CREATE TABLE IF NOT EXISTS notes_items (x)' }
    expect(() => migrate(path, { pluginId: 'my', tables: ['notes_items'], sql: taken })).toThrow(
      failure('plugin_my_notes_items exist already, and my did not make them'),
    )
  })
})

test('tables that two plugins would share are told', () => {
  expect(
    tableCollisions([
      { pluginId: 'my-notes', tables: ['items', 'more'] },
      { pluginId: 'my', tables: ['notes_items', 'more'] },
    ]).map(({ pluginId, message }) => `${pluginId}: ${message}`),
  ).toEqual([
    'my-notes: the table items of my-notes would be plugin_my_notes_items, as would notes_items of my',
    'my: the table notes_items of my would be plugin_my_notes_items, as would items of my-notes',
  ])
  expect(tableCollisions([{ pluginId: 'a', tables: ['x-y', 'X_Y'] }])).toHaveLength(2)
})

function migratedMap(): string {
  const path = newMap()
  for (const pluginId of ['my-notes', 'other']) migrate(path, { pluginId, sql: { '001_a.sql': ITEMS } })
  return path
}

function openedStore(more: Partial<DedicatedOwner> = {}): { store: DedicatedStore; path: string } {
  const path = migratedMap()
  const store = openDedicatedStore(path, { pluginId: 'my-notes', tables: ['items'], ...more })
  onTestFinished(() => store.close())
  return { store, path }
}

const violation = (words: string) =>
  expect.objectContaining({ name: 'ScopedDbViolationError', message: expect.stringContaining(words) })

describe('the handle of a plugin', () => {
  test('reads and writes its tables', async () => {
    const { store } = openedStore()
    const { db } = store
    expect(await db.run("INSERT INTO plugin_my_notes_items (name) VALUES (?), ('b');", 'a')).toBe(2)
    expect(await db.all('SELECT name FROM Plugin_My_Notes_Items ORDER BY name')).toEqual([{ name: 'a' }, { name: 'b' }])
    expect(await db.get('SELECT count(*) AS n FROM plugin_my_notes_items')).toEqual({ n: 2 })
    expect(await db.get('SELECT name FROM plugin_my_notes_items WHERE id = 9')).toBeUndefined()
  })

  test.each([
    ['SELECT * FROM plugin_other_items', 'READ plugin_other_items id'],
    ['SELECT path FROM scan_nodes', 'READ scan_nodes path'],
    ['DELETE FROM config_plugins', 'DELETE config_plugins'],
    ['DROP TABLE plugin_my_notes_items', 'DELETE sqlite_master'],
    ['CREATE TABLE plugin_my_notes_more (x)', 'INSERT sqlite_master'],
    ['PRAGMA journal_mode = DELETE', 'PRAGMA journal_mode DELETE'],
    ["ATTACH 'x.db' AS x", 'ATTACH x.db'],
    ['BEGIN', 'TRANSACTION BEGIN'],
    ['SELECT sql FROM sqlite_schema', 'READ sqlite_master sql'],
    ['SELECT 1; SELECT 2', '2 statements in one call'],
    [' -- nothing', '0 statements in one call'],
  ])('gets at nothing else: %s', async (sql, words) => {
    const { store } = openedStore()
    await expect(store.db.all(sql)).rejects.toThrow(violation(words))
    await expect(store.db.transaction((db) => db.all(sql))).rejects.toThrow(violation(words))
  })

  test('writes rows that fit the schema of their table, in the place of those with the same key', async () => {
    const schema = foreignValidator({ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] })
    const { store } = openedStore({ schemas: { items: schema } })
    await store.write('items', { id: 1, name: 'a', more: { list: [true] } })
    await store.write('items', { id: 1, name: 'b', more: false })
    await store.write('items', { id: 2, name: 'c', more: 7 })
    expect(await store.db.all('SELECT * FROM plugin_my_notes_items')).toEqual([
      { id: 1, name: 'b', more: '0' },
      { id: 2, name: 'c', more: '7' },
    ])
    await expect(store.write('items', { name: 7 })).rejects.toThrow(
      expect.objectContaining({
        code: 'STORAGE_VALUE_INVALID',
        problems: [expect.objectContaining({ pointer: '/name' })],
      }),
    )
    for (const table of ['plugin_other_items', 'scan_nodes', 'constructor'])
      await expect(store.write(table, { name: 'x' })).rejects.toThrow(violation(`"${table}" is no table of my-notes`))
    await expect(store.write('items', { 'name") SELECT 1 --': 'x', name: 'x' })).rejects.toThrow('no column named')
  })

  test('keeps all of a transaction or nothing', async () => {
    const { store, path } = openedStore()
    const names = () => rowsOf(path, 'SELECT name FROM plugin_my_notes_items')
    const insert = "INSERT INTO plugin_my_notes_items (name) VALUES ('a')"
    const failing = store.db.transaction(async (db) => {
      await db.run(insert)
      throw new Error('stop')
    })
    await expect(failing).rejects.toThrow('stop')
    expect(names()).toEqual([])
    const done = await store.db.transaction(async (db) => {
      await db.run(insert)
      expect(names()).toEqual([])
      return 'done'
    })
    expect([done, names()]).toEqual(['done', [{ name: 'a' }]])
  })

  test('nests no transaction, and while one is open only its own handle works', async () => {
    const { store } = openedStore()
    const { db } = store
    const nested = db.transaction(async () => db.transaction(async () => 1))
    await expect(nested).rejects.toThrow(violation('a transaction is open'))
    const beside = db.transaction(async (within) => {
      await within.run("INSERT INTO plugin_my_notes_items (name) VALUES ('a')")
      await db.run("INSERT INTO plugin_my_notes_items (name) VALUES ('b')")
    })
    await expect(beside).rejects.toThrow(violation('a transaction is open'))
    await expect(db.transaction(() => store.write('items', { name: 'c' }))).rejects.toThrow(violation('is open'))
    expect(await db.all('SELECT name FROM plugin_my_notes_items')).toEqual([])
  })

  test('may be asked for by number, as long as the transaction of that number is open', async () => {
    const { store } = openedStore()
    const call = tableCalls(store)
    const insert = (number: number) =>
      call('run', [number, "INSERT INTO plugin_my_notes_items (name) VALUES ('a')", []])
    expect(await call('begin', [])).toEqual({ value: 1 })
    expect(await call('begin', [])).toMatchObject({ error: { name: 'ScopedDbViolationError' } })
    expect(await insert(1)).toEqual({ value: 1 })
    expect(await insert(2)).toEqual({ error: { name: 'ScopedDbViolationError', message: 'the transaction has ended' } })
    expect(await call('rollback', [1])).toEqual({ value: null })
    expect(await call('commit', [1])).toMatchObject({ error: { message: 'the transaction has ended' } })
    expect(await call('all', [null, 'SELECT name FROM plugin_my_notes_items', []])).toEqual({ value: [] })
  })

  test('undoes a transaction that is open when it is closed, and lets others write', async () => {
    const path = migratedMap()
    const store = openDedicatedStore(path, { pluginId: 'my-notes', tables: ['items'] })
    const within = Promise.withResolvers<void>()
    const work = store.db.transaction(async (db) => {
      await db.run("INSERT INTO plugin_my_notes_items (name) VALUES ('a')")
      await within.promise
    })
    store.close()
    within.resolve()
    await expect(work).rejects.toThrow('not open')
    expect(rowsOf(path, 'SELECT name FROM plugin_my_notes_items')).toEqual([])
    const map = openMapStore(path, world)
    map.favorites.add('a')
    map.close()
  })
})
