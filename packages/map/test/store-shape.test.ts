import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase, openReader } from '@tenon/database'
import { mapMigrations, openMapStore } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { referenceDatabase } from './reference-database.ts'
import { nodeAt, scanWith } from './synthetic-scan.ts'

const world = simulatedWorld(1)
const newPath = (): string => join(temporaryFolder(), '.skill-map/skill-map.db')

function rowsOf(path: string, sql: string): Record<string, unknown>[] {
  using database = new DatabaseSync(path, { readOnly: true })
  return database.prepare(sql).all()
}

const versions = (path: string) =>
  rowsOf(path, 'SELECT version FROM config_schema_versions').map((row) => row['version'])
const shape = (path: string) => rowsOf(path, 'PRAGMA user_version')[0]?.['user_version']

const columnsOf = (path: string): Record<string, string[]> => {
  const reader = openReader(path)
  const rows = reader.all(
    { table_name: 'text', column_name: 'text' },
    `SELECT s.name AS table_name, c.name AS column_name FROM sqlite_schema s, pragma_table_info(s.name) c
     WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite%' AND s.name <> 'tenon_migration'`,
  )
  reader.close()
  return Object.fromEntries(
    Object.entries(Object.groupBy(rows, (row) => row.table_name)).map(([table, columns = []]) => [
      table,
      columns.map((row) => row.column_name),
    ]),
  )
}

function opened(path: string) {
  const store = openMapStore(path, world)
  onTestFinished(() => store.close())
  return store
}

describe('a new database', () => {
  test('has all tables that the specification names and two of its own, and needs no backup', () => {
    const path = newPath()
    opened(path)
    const columns = columnsOf(path)
    expect(Object.keys(columns).toSorted()).toEqual([
      'config_plugins',
      'config_preferences',
      'config_schema_versions',
      'node_enrichments',
      'scan_contributions',
      'scan_extractor_runs',
      'scan_issues',
      'scan_known_files',
      'scan_known_folders',
      'scan_known_inputs',
      'scan_links',
      'scan_meta',
      'scan_node_tags',
      'scan_nodes',
      'state_enrichments',
      'state_executions',
      'state_job_contents',
      'state_jobs',
      'state_node_favorites',
      'state_plugin_kvs',
      'state_summaries',
    ])
    expect(columns['state_jobs']).toHaveLength(16)
    expect(columns['state_executions']).toHaveLength(17)
    expect(versions(path)).toEqual([1, 2, 3, 4])
    expect(shape(path)).toBe(4)
    expect(existsSync(join(path, '../backups'))).toBe(false)
  })
})

describe('a database of an earlier version', () => {
  test('is brought to the newest one after a backup, with all that it holds', () => {
    const path = join(temporaryFolder(), 'skill-map.db')
    const old = openDatabase(path, { migrations: mapMigrations.slice(0, 1), world })
    old.run("INSERT INTO scan_node_tags VALUES ('a.md', 't', 'user')")
    old.close()
    opened(path)
    const backup = join(path, '../backups/skill-map-pre-migrate-v4.db')
    expect(shape(path)).toBe(4)
    expect(shape(backup)).toBe(1)
    for (const file of [path, backup]) expect(rowsOf(file, 'SELECT tag FROM scan_node_tags')).toEqual([{ tag: 't' }])
    expect(columnsOf(backup)['state_jobs']).toBeUndefined()
  })
})

describe('a database that knew files without how their folders looked', () => {
  test('keeps what was found in them, and has them read once more', () => {
    const path = join(temporaryFolder(), 'skill-map.db')
    const old = openDatabase(path, { migrations: mapMigrations.slice(0, 3), world })
    old.run(`INSERT INTO scan_known_files VALUES ('a.md', '1 2 3 4', 'core/markdown', '{"x/y":[]}', '[]')`)
    old.run("INSERT INTO scan_known_folders VALUES (0, '', 'x 1 2 3 4', '[\"-a.md\"]')")
    old.close()
    const { files, folders } = opened(path).snapshot().knowledge
    expect([...files]).toEqual([['a.md', { provider: 'core/markdown', found: { 'x/y': [] } }]])
    expect(folders).toEqual([])
  })
})

describe('a database that skill-map itself made', () => {
  test('opens with what it holds, and is used from then on', () => {
    const path = newPath()
    referenceDatabase(path)
    const store = opened(path)
    expect(store.readScan()?.nodes.map((node) => node.path)).toEqual(['b.md', 'a.md'])
    const next = scanWith({ nodes: ['b.md', 'ab.md', 'a.md'].map((name) => nodeAt(name)) })
    store.persist(next)
    expect(store.readScan()).toEqual(next.result)
    expect(rowsOf(path, 'SELECT node_path FROM state_node_favorites')).toEqual([{ node_path: 'a.md' }])
    expect(rowsOf(path, 'SELECT report_path, report_json FROM state_executions')).toEqual([
      { report_path: 'r.json', report_json: null },
    ])
    expect(columnsOf(path)['state_job_contents']).toEqual(['content_hash', 'content', 'created_at'])
    expect(rowsOf(path, "SELECT name FROM sqlite_schema WHERE name = 'ix_state_jobs_action_node_hash'")).toHaveLength(1)
    expect(versions(path)).toEqual([1, 2, 3, 4])
    expect(readdirSync(join(path, '../backups'))).toEqual(['skill-map-pre-migrate-v4.db'])
  })

  test('may have counted its versions further, and have tables of its own', () => {
    const path = newPath()
    referenceDatabase(path, 'PRAGMA user_version = 9', 'CREATE TABLE plugin_x_y (z)', 'ALTER TABLE scan_nodes ADD more')
    opened(path).persist(scanWith({ nodes: [nodeAt('a.md')] }))
    expect(shape(path)).toBe(9)
    expect(columnsOf(path)['plugin_x_y']).toEqual(['z'])
  })

  test('is refused, untouched, with everything that is in the way', () => {
    const path = newPath()
    referenceDatabase(
      path,
      'DROP TABLE scan_node_tags; CREATE TABLE scan_node_tags (node_path INTEGER, tag TEXT NOT NULL, source TEXT)',
      'DROP TABLE state_node_favorites; CREATE TABLE state_node_favorites (node_path TEXT PRIMARY KEY) WITHOUT ROWID',
      'DROP TABLE config_preferences; CREATE TABLE config_preferences (key TEXT PRIMARY KEY, value_json TEXT NOT NULL, updated_at INTEGER NOT NULL, owner TEXT NOT NULL)',
      'DROP TABLE config_plugins; CREATE TABLE config_plugins (plugin_id TEXT PRIMARY KEY, enabled INTEGER NOT NULL, config_json TEXT NOT NULL, updated_at INTEGER NOT NULL)',
    )
    const before = readFileSync(path)
    expect(() => openMapStore(path, world)).toThrow(
      expect.objectContaining({
        code: 'DATA_FOLDER_FORMAT',
        message: expect.stringContaining(path),
        problems: [
          expect.objectContaining({
            pointer: '/config_plugins/config_json',
            message: 'config_plugins.config_json must have a value, and it may be empty here',
          }),
          expect.objectContaining({
            pointer: '/config_preferences/owner',
            message: 'config_preferences.owner must have a value, and this version knows none',
          }),
          expect.objectContaining({
            pointer: '/scan_node_tags/node_path',
            message: 'scan_node_tags.node_path is INTEGER, not TEXT',
          }),
          expect.objectContaining({
            message: 'scan_node_tags.node_path is no part of the key, not part 1 of the key',
          }),
          expect.objectContaining({ message: 'scan_node_tags.tag is no part of the key, not part 2 of the key' }),
          expect.objectContaining({ message: 'scan_node_tags.source is no part of the key, not part 3 of the key' }),
          expect.objectContaining({
            pointer: '/state_node_favorites',
            message: 'state_node_favorites has no rowid, which keeps the order of its rows',
          }),
          expect.objectContaining({
            pointer: '/state_node_favorites/favorited_at',
            message: 'state_node_favorites.favorited_at is not there and cannot be added',
          }),
        ],
      }),
    )
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('is told from any other database', () => {
    const path = join(temporaryFolder(), 'other.db')
    using other = new DatabaseSync(path)
    other.exec('CREATE TABLE theirs (x)')
    expect(() => openMapStore(path, world)).toThrow('there is no table scan_nodes, so skill-map did not make it')
  })
})
