import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { copyDatabaseNow, openDatabase, openReader, type Migration } from '@tenon/database'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'

const NOTES: Migration = { id: 'notes/1', sql: 'CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT' }
const TAGS: Migration = { id: 'notes/2', sql: 'ALTER TABLE note ADD COLUMN tag TEXT' }
const world = simulatedWorld(1)
const open = (path: string, migrations: Migration[] = [NOTES]) => openDatabase(path, { migrations, world })
const NOTE = { id: 'number', text: 'text' } as const

describe('a database file', () => {
  test('keeps what a transaction did', () => {
    const path = join(temporaryFolder(), 'notes.db')
    const db = open(path)
    const changed = db.transaction(() => db.run('INSERT INTO note (text) VALUES (?), (?)', 'a', 'b'))
    expect(changed).toBe(2)
    db.close()
    const again = open(path)
    expect(again.all(NOTE, 'SELECT id, text FROM note')).toEqual([
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ])
    expect(again.get(NOTE, 'SELECT id, text FROM note WHERE text = ?', 'c')).toBeUndefined()
    again.close()
  })

  test('keeps nothing of a transaction that threw', () => {
    const db = open(join(temporaryFolder(), 'notes.db'))
    const work = () => {
      db.run("INSERT INTO note (text) VALUES ('a')")
      throw new Error('stop')
    }
    expect(() => db.transaction(work)).toThrow('stop')
    expect(db.all(NOTE, 'SELECT id, text FROM note')).toEqual([])
    db.close()
  })

  test('refuses a nested or asynchronous transaction, which would commit at the wrong moment', () => {
    const db = open(join(temporaryFolder(), 'notes.db'))
    expect(() => db.transaction(() => db.transaction(() => 1))).toThrow('not nested')
    expect(() => db.transaction(async () => db.run("INSERT INTO note (text) VALUES ('a')"))).toThrow('synchronous')
    expect(db.all(NOTE, 'SELECT id, text FROM note')).toEqual([])
    db.close()
  })

  test('flushes every commit unless its tables can be made anew', () => {
    const folder = temporaryFolder()
    const durable = open(join(folder, 'a.db'))
    const scan = openDatabase(join(folder, 'b.db'), { migrations: [NOTES], world, durable: false })
    const level = { synchronous: 'number' } as const
    expect(durable.get(level, 'PRAGMA synchronous')).toEqual({ synchronous: 2 })
    expect(scan.get(level, 'PRAGMA synchronous')).toEqual({ synchronous: 1 })
    expect(durable.get({ journal_mode: 'text' }, 'PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
    durable.close()
    scan.close()
  })

  test('holds its rows to the columns that the caller named', () => {
    const db = open(join(temporaryFolder(), 'notes.db'))
    const sql = "SELECT 'x' AS a, NULL AS b, x'00' AS c"
    expect(db.get({ a: 'text', b: 'number?', c: 'bytes' }, sql)).toEqual({ a: 'x', b: null, c: Uint8Array.of(0) })
    expect(() => db.get({ a: 'number' }, sql)).toThrow('a is no number')
    expect(() => db.get({ b: 'text' }, sql)).toThrow('b is no text')
    expect(() => db.get({ c: 'text' }, sql)).toThrow('c is no text')
    db.close()
  })

  test('gives rows one after the other, while the same statement runs elsewhere', () => {
    const db = open(join(temporaryFolder(), 'notes.db'))
    for (const text of ['a', 'b', 'c']) db.run('INSERT INTO note (text) VALUES (?)', text)
    const sql = 'SELECT id, text FROM note WHERE id > ? ORDER BY id'
    const seen: string[] = []
    for (const { text } of db.each(NOTE, sql, 1)) seen.push(text, ...db.all(NOTE, sql, 2).map((row) => row.text))
    expect(seen).toEqual(['b', 'c', 'c', 'c'])
    expect(() => [...db.each({ text: 'number' }, 'SELECT text FROM note')]).toThrow('text is no number')
    db.close()
  })

  test('runs more different statements than it keeps compiled', () => {
    const db = open(join(temporaryFolder(), 'notes.db'))
    const answers = Array.from({ length: 600 }, (_, n) => db.get({ n: 'number' }, `SELECT ${n} AS n`)?.n)
    expect(answers).toEqual(Array.from({ length: 600 }, (_, n) => n))
    db.close()
  })

  test('is read by others while it is written, and a reader cannot write', () => {
    const path = join(temporaryFolder(), 'notes.db')
    const db = open(path)
    const reader = openReader(path)
    db.run("INSERT INTO note (text) VALUES ('a')")
    expect(reader.all(NOTE, 'SELECT id, text FROM note')).toHaveLength(1)
    expect(() => reader.all(NOTE, "INSERT INTO note (text) VALUES ('b') RETURNING id, text")).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_UNWRITABLE' }),
    )
    reader.close()
    db.close()
  })
})

describe('migrations', () => {
  test('are applied once, in order, and more may come later', () => {
    const path = join(temporaryFolder(), 'notes.db')
    open(path).close()
    const db = open(path, [NOTES, TAGS])
    db.run("INSERT INTO note (text, tag) VALUES ('a', 'b')")
    const applied = db.all({ id: 'text', at: 'text' }, 'SELECT id, at FROM tenon_migration ORDER BY id')
    expect(applied).toEqual([
      { id: 'notes/1', at: '2026-01-01T00:00:00.000Z' },
      { id: 'notes/2', at: '2026-01-01T00:00:00.000Z' },
    ])
    db.close()
  })

  test('are all undone when one of them fails', () => {
    const path = join(temporaryFolder(), 'notes.db')
    expect(() => open(path, [NOTES, { id: 'notes/2', sql: 'NO SQL' }])).toThrow('syntax error')
    const db = open(path)
    db.run("INSERT INTO note (text) VALUES ('a')")
    db.close()
  })

  test('of two packages may share a file', () => {
    const path = join(temporaryFolder(), 'shared.db')
    const other: Migration = { id: 'other/1', sql: 'CREATE TABLE other (x TEXT) STRICT' }
    open(path, [NOTES, other]).close()
    open(path, [NOTES, TAGS, other]).close()
    expect(() => open(path, [NOTES, NOTES])).toThrow('own id')
  })

  const refused = (path: string, migrations: Migration[], code: string, words: string): void => {
    const before = readFileSync(path)
    expect(() => open(path, migrations)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) }),
    )
    expect(readFileSync(path).equals(before)).toBe(true)
  }

  test('refuse a database of a newer version, untouched', () => {
    const path = join(temporaryFolder(), 'notes.db')
    open(path, [NOTES, TAGS]).close()
    refused(path, [NOTES], 'DATA_FOLDER_FORMAT', 'notes/2, which this version does not know')
  })

  test('refuse a database that was made with another text of a migration, untouched', () => {
    const path = join(temporaryFolder(), 'notes.db')
    open(path).close()
    refused(path, [{ ...NOTES, sql: `${NOTES.sql};` }], 'DATA_FOLDER_FORMAT', 'notes/1')
  })

  test('refuse a foreign database, untouched', () => {
    const path = join(temporaryFolder(), 'foreign.db')
    const foreign = new DatabaseSync(path)
    foreign.exec('CREATE TABLE theirs (x)')
    foreign.close()
    refused(path, [NOTES], 'DATA_FOLDER_FORMAT', path)
  })

  test('take a foreign database over by the statements that make it ours, or not at all', () => {
    const path = join(temporaryFolder(), 'foreign.db')
    const foreign = new DatabaseSync(path)
    foreign.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
    foreign.close()
    const refusing = () => {
      throw new Error('no')
    }
    expect(() => openDatabase(path, { migrations: [NOTES, TAGS], world, adopt: refusing })).toThrow('no')
    const adopt = () => 'ALTER TABLE note ADD COLUMN tag TEXT'
    openDatabase(path, { migrations: [NOTES, TAGS], world, adopt }).close()
    const db = openDatabase(path, { migrations: [NOTES, TAGS], world, adopt: refusing })
    db.run("INSERT INTO note (text, tag) VALUES ('a', 'b')")
    db.close()
  })

  test('are announced where there are tables already, while these are as they were', () => {
    const path = join(temporaryFolder(), 'notes.db')
    const copy = `${path}.copy`
    const beforeMigration = () => copyDatabaseNow(path, copy)
    openDatabase(path, { migrations: [NOTES], world, beforeMigration }).close()
    expect(existsSync(copy)).toBe(false)
    openDatabase(path, { migrations: [NOTES, TAGS], world, beforeMigration }).close()
    const before = openReader(copy)
    expect(before.all({ name: 'text' }, "SELECT name FROM pragma_table_info('note')")).toHaveLength(2)
    before.close()
    rmSync(copy)
    openDatabase(path, { migrations: [NOTES, TAGS], world, beforeMigration }).close()
    expect(existsSync(copy)).toBe(false)
  })

  test('refuse a file that is no database, untouched', () => {
    const path = join(temporaryFolder(), 'notes.db')
    writeFileSync(path, 'dear diary\n'.repeat(100))
    refused(path, [NOTES], 'DATA_FOLDER_CORRUPT', path)
  })
})

describe('faults', () => {
  test('of a folder that is not there name the file and say what to check', () => {
    const path = join(temporaryFolder(), 'absent', 'notes.db')
    expect(() => open(path)).toThrow(
      expect.objectContaining({
        code: 'DATA_FOLDER_UNWRITABLE',
        message: expect.stringContaining(path),
        hint: expect.stringContaining('folder'),
      }),
    )
  })

  test('of a damaged page are found by the check', async () => {
    const path = join(temporaryFolder(), 'notes.db')
    const db = open(path)
    await db.quickCheck()
    db.transaction(() => {
      for (let n = 0; n < 2000; n += 1) db.run('INSERT INTO note (text) VALUES (?)', `note ${n}`)
    })
    db.close()
    const bytes = readFileSync(path)
    // A page that is none, and cells of one that are.
    for (const [from, to] of [
      [statSync(path).size - 4096, statSync(path).size],
      [5 * 4096 + 2_000, 6 * 4096],
    ]) {
      writeFileSync(path, Buffer.from(bytes).fill(0xff, from, to))
      const damaged = open(path)
      await expect(damaged.quickCheck()).rejects.toThrow(expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }))
      damaged.close()
    }
  })

  test('of a file that is another by now are found by the check, and named as the reader is', async () => {
    const path = join(temporaryFolder(), 'notes.db')
    open(path).close()
    const reader = openReader(path, 'the notes')
    writeFileSync(path, 'no database at all'.repeat(500))
    const corrupt = { code: 'DATA_FOLDER_CORRUPT', message: expect.stringMatching(/^the notes: /) }
    await expect(reader.quickCheck()).rejects.toThrow(expect.objectContaining(corrupt))
    rmSync(path)
    await expect(reader.quickCheck()).rejects.toThrow(expect.objectContaining({ code: 'DATA_FOLDER_UNWRITABLE' }))
    reader.close()
  })

  test('of a statement, such as a broken constraint, stay what they are', () => {
    const db = open(join(temporaryFolder(), 'notes.db'))
    expect(() => db.run('INSERT INTO note (text) VALUES (NULL)')).toThrow('NOT NULL constraint failed')
    db.close()
  })
})
