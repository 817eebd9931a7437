import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openConfined, type ConfinedDatabase, type Confinement } from '@tenon/database'
import { temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'

const SHAPE = `CREATE TABLE mine (a INTEGER PRIMARY KEY, b); CREATE TABLE theirs (secret TEXT, note); INSERT INTO theirs VALUES ('s', NULL);
  CREATE VIEW mine_view AS SELECT secret FROM theirs; CREATE INDEX ix_theirs ON theirs (secret);
  CREATE TABLE watched (x); CREATE TABLE numbered (n INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TRIGGER telling AFTER INSERT ON watched BEGIN INSERT INTO theirs VALUES (new.x, 1); END`

const isMine = (name: string): boolean => /^(mine|watched)/.test(name) && name !== 'mine_view'

function opened(confinement: Confinement): ConfinedDatabase {
  const path = join(temporaryFolder(), 'shared.db')
  using before = new DatabaseSync(path)
  before.exec(SHAPE)
  const database = openConfined(path, confinement, (denied) => new Error(`denied: ${denied}`))
  onTestFinished(() => database.close())
  return database
}

const rows = () => opened({ table: isMine })
const shapes = () => opened({ table: isMine, index: (name) => name.startsWith('ix_mine') })

const ATTACKS: [sql: string, denied: string][] = [
  ['SELECT secret FROM theirs', 'READ theirs secret'],
  ['SELECT count(*) FROM theirs', 'READ theirs'],
  ['SELECT 1 WHERE EXISTS (SELECT 1 FROM theirs)', 'READ theirs'],
  ['SELECT * FROM mine, theirs', 'READ theirs secret'],
  ['WITH mine AS (SELECT secret FROM theirs) SELECT * FROM mine', 'READ theirs secret'],
  ['SELECT secret FROM main.theirs', 'READ theirs secret'],
  ['SELECT secret FROM "theirs"', 'READ theirs secret'],
  ['SELECT secret FROM [theirs] /* mine */', 'READ theirs secret'],
  ['SELECT * FROM mine_view', 'READ theirs secret'],
  ['EXPLAIN SELECT secret FROM theirs', 'READ theirs secret'],
  ['INSERT INTO theirs VALUES (1, 2)', 'INSERT theirs'],
  ['INSERT INTO mine SELECT 1, secret FROM theirs', 'READ theirs secret'],
  ['INSERT INTO watched VALUES (1)', 'INSERT theirs'],
  ['REPLACE INTO theirs VALUES (1, 2)', 'INSERT theirs'],
  ['UPDATE theirs SET secret = 1', 'UPDATE theirs secret'],
  ['UPDATE mine SET b = (SELECT secret FROM theirs)', 'READ theirs secret'],
  ['UPDATE mine SET b = secret FROM theirs', 'READ theirs secret'],
  ['DELETE FROM theirs', 'DELETE theirs'],
  ['DELETE FROM mine WHERE b IN (SELECT secret FROM theirs)', 'READ theirs secret'],
  ["ATTACH 'elsewhere.db' AS elsewhere", 'ATTACH elsewhere.db'],
  ['DETACH main', 'DETACH main'],
  ['VACUUM', 'ATTACH'],
  ["VACUUM INTO 'copy.db'", 'ATTACH copy.db'],
  ['PRAGMA writable_schema = 1', 'PRAGMA writable_schema 1'],
  ['PRAGMA user_version', 'PRAGMA user_version'],
  ["SELECT * FROM pragma_table_info('theirs')", 'READ pragma_table_info cid'],
  ['SELECT sql FROM sqlite_schema', 'READ sqlite_master sql'],
  ['SELECT sql FROM sqlite_master', 'READ sqlite_master sql'],
  ['SELECT * FROM sqlite_temp_schema', 'READ sqlite_temp_master type'],
  ["INSERT INTO sqlite_schema VALUES ('table', 'mine', 'mine', 2, '')", 'INSERT sqlite_master'],
  ['UPDATE sqlite_sequence SET seq = 1', 'UPDATE sqlite_sequence seq'],
  ['SELECT * FROM dbstat', 'READ dbstat name'],
  ["SELECT * FROM json_each('[1]')", 'READ json_each key'],
  ['BEGIN', 'TRANSACTION BEGIN'],
  ['COMMIT', 'TRANSACTION COMMIT'],
  ['SAVEPOINT mine', 'SAVEPOINT BEGIN mine'],
  ['ANALYZE', 'INSERT sqlite_master'],
  ['REINDEX theirs', 'REINDEX ix_theirs'],
  ['CREATE TEMP TABLE mine_too (x)', 'INSERT sqlite_temp_master'],
  ['CREATE TEMP VIEW mine_too AS SELECT 1', 'INSERT sqlite_temp_master'],
  ["SELECT load_extension('x')", 'FUNCTION load_extension'],
  ['SELECT zeroblob(1000000000)', 'FUNCTION zeroblob'],
  ["SELECT printf('%.*c', 1000000000, 'x')", 'FUNCTION printf'],
  ['SELECT fts5_source_id()', 'FUNCTION fts5_source_id'],
  ['WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n', 'RECURSIVE'],
]

const OF_SHAPE: [sql: string, denied: string][] = [
  ['CREATE TABLE mine_too (x)', 'INSERT sqlite_master'],
  ['CREATE INDEX ix_mine ON mine (b)', 'INSERT sqlite_master'],
  ['ALTER TABLE mine ADD COLUMN c', 'ALTER TABLE main mine'],
  ['DROP TABLE mine', 'DELETE sqlite_master'],
]

const OF_FOREIGN_SHAPE: [sql: string, denied: string][] = [
  ['CREATE TABLE other (x)', 'CREATE TABLE other'],
  ['CREATE TABLE IF NOT EXISTS other (x)', 'CREATE TABLE other'],
  ['CREATE TABLE mine_too AS SELECT secret FROM theirs', 'READ theirs secret'],
  ['CREATE TABLE mine_too AS SELECT sql FROM sqlite_schema', 'SELECT'],
  ['INSERT INTO mine SELECT 1, sql FROM sqlite_schema', 'READ sqlite_master sql'],
  ['UPDATE mine SET b = (SELECT group_concat(sql) FROM sqlite_schema)', 'SELECT'],
  ['UPDATE mine SET b = sql FROM sqlite_schema', 'READ sqlite_master sql'],
  ['CREATE INDEX ix_theirs_too ON mine (b)', 'CREATE INDEX ix_theirs_too mine'],
  ['CREATE INDEX ix_mine ON theirs (secret)', 'CREATE INDEX ix_mine theirs'],
  ['DROP INDEX ix_theirs', 'DROP INDEX ix_theirs theirs'],
  ['DROP TABLE theirs', 'DROP TABLE theirs'],
  ['ALTER TABLE theirs RENAME TO mine_too', 'ALTER TABLE main theirs'],
  ['ALTER TABLE theirs ADD COLUMN x', 'ALTER TABLE main theirs'],
  ['ALTER TABLE theirs DROP COLUMN secret', 'ALTER TABLE main theirs'],
  ['CREATE VIEW mine_too AS SELECT 1', 'CREATE VIEW mine_too'],
  ['DELETE FROM sqlite_sequence', 'DELETE sqlite_sequence'],
  ['DROP VIEW mine_view', 'DROP VIEW mine_view'],
  ['CREATE TRIGGER mine_too AFTER INSERT ON mine BEGIN DELETE FROM theirs; END', 'CREATE TRIGGER mine_too mine'],
  ['CREATE TRIGGER mine_too AFTER INSERT ON theirs BEGIN SELECT 1; END', 'CREATE TRIGGER mine_too theirs'],
  ['CREATE VIRTUAL TABLE mine_too USING fts5 (a)', 'CREATE VTABLE mine_too fts5'],
]

describe('SQL that somebody else wrote', () => {
  test('reads and writes the tables that it may', () => {
    const database = rows()
    expect(database.run('INSERT INTO mine (b) VALUES (?), (?)', 'x', 2)).toBe(2)
    expect(database.all('UPDATE mine SET b = upper(b) WHERE a = 1 RETURNING b')).toEqual([{ b: 'X' }])
    const sum = "SELECT count(*) AS n, json_extract('{\"k\":1}', '$.k') AS k FROM mine AS m JOIN mine USING (a)"
    expect(database.all(sum)).toEqual([{ n: 2, k: 1 }])
    expect(database.run('DELETE FROM mine')).toBe(2)
  })

  test('changes shapes where that is allowed, within what is its own', () => {
    const database = shapes()
    for (const sql of [
      'CREATE TABLE mine_too (x TEXT PRIMARY KEY, y UNIQUE, z AS (x || y) STORED, CHECK (length(x) < 9))',
      'CREATE TABLE mine_numbered (n INTEGER PRIMARY KEY AUTOINCREMENT)',
      'INSERT INTO mine_numbered DEFAULT VALUES',
      'DROP TABLE mine_numbered',
      'CREATE INDEX ix_mine_y ON mine_too (y)',
      "ALTER TABLE mine_too ADD COLUMN w DEFAULT 'w'",
      'ALTER TABLE mine_too RENAME COLUMN w TO v',
      'ALTER TABLE mine_too DROP COLUMN v',
      'ALTER TABLE mine_too RENAME TO mine_also',
      "INSERT INTO mine_also (x, y) VALUES ('a', 'b')",
      'DROP INDEX ix_mine_y',
    ])
      database.run(sql)
    expect(database.all('SELECT z FROM mine_also')).toEqual([{ z: 'ab' }])
    database.run('DROP TABLE mine_also')
  })

  test.each(ATTACKS)('does not get at anything else: %s', (sql, denied) => {
    expect(() => rows().all(sql)).toThrow(`denied: ${denied}`)
  })

  test.each(OF_SHAPE)('changes no shape where that is not allowed: %s', (sql, denied) => {
    expect(() => rows().run(sql)).toThrow(`denied: ${denied}`)
  })

  test.each(OF_FOREIGN_SHAPE)(
    'changes no shape that is not its own, and does not read the catalogue: %s',
    (sql, denied) => {
      expect(() => shapes().run(sql)).toThrow(`denied: ${denied}`)
    },
  )

  test('is still held when a shape changed under a statement', () => {
    const database = rows()
    const secret = () => database.freely((own) => own.all({ secret: 'text' }, 'SELECT secret FROM theirs'))
    expect(secret()).toEqual([{ secret: 's' }])
    database.freely((own) => own.run('ALTER TABLE theirs ADD COLUMN more'))
    expect(() => database.all('SELECT secret FROM theirs')).toThrow('denied: READ theirs secret')
    expect(secret()).toEqual([{ secret: 's' }])
    expect(() => database.freely(() => database.all('SELECT 1'))).toThrow('does not run among our own')
  })

  test('does not write the catalogue, even where it may change shapes', () => {
    for (const sql of ["UPDATE sqlite_schema SET sql = ''", 'DELETE FROM sqlite_schema'])
      expect(() => shapes().run(sql)).toThrow('may not be modified')
  })

  test('that is wrong, but denied nothing, fails as it would anywhere', () => {
    expect(() => rows().all('SELEC')).toThrow('syntax error')
    expect(() => rows().run('INSERT INTO mine (a) VALUES (1), (1)')).toThrow('UNIQUE')
  })
})
