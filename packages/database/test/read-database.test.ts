import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, readDatabase, type Database, type DatabaseReader } from '@tenon/database'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'

const migrations = [{ id: 'notes/1', sql: 'CREATE TABLE notes (text TEXT NOT NULL) STRICT' }]

function notes(path: string, ...texts: string[]): Database {
  const database = openDatabase(path, { migrations, world: simulatedWorld(1) })
  for (const text of texts) database.run('INSERT INTO notes VALUES (?)', text)
  return database
}

const texts = (reader: DatabaseReader): string[] =>
  reader.all({ text: 'text' }, 'SELECT text FROM notes').map(({ text }) => text)

describe('a database that is read', () => {
  test('at rest has nothing beside it afterwards, and none of its own bytes changed', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'odd ?#%.db')
    notes(path, 'one').close()
    const before = readFileSync(path)
    expect(readDatabase(path, texts)).toEqual(['one'])
    expect([readdirSync(folder), readFileSync(path).equals(before)]).toEqual([['odd ?#%.db'], true])
  })

  test('while it is open elsewhere holds what was committed, at one moment', () => {
    const path = join(temporaryFolder(), 'notes.db')
    const writer = notes(path, 'one')
    const read = readDatabase(path, (reader) => {
      const first = texts(reader)
      writer.run("INSERT INTO notes VALUES ('two')")
      return [first, texts(reader)]
    })
    expect(read).toEqual([['one'], ['one']])
    expect(readDatabase(path, texts)).toEqual(['one', 'two'])
    writer.close()
  })

  test('and written meanwhile is read again', () => {
    const path = join(temporaryFolder(), 'notes.db')
    notes(path, 'one').close()
    let calls = 0
    const read = readDatabase(path, (reader) => {
      calls += 1
      if (calls > 1) return texts(reader)
      notes(path, 'two').close()
      throw new Error('it looks damaged')
    })
    expect([read, calls]).toEqual([['one', 'two'], 2])
    calls = 0
    const again = readDatabase(path, (reader) => {
      if (++calls === 1) notes(path, 'three').close()
      return texts(reader)
    })
    expect([again, calls]).toEqual([['one', 'two', 'three'], 2])
  })

  test('but is none, or is not there, fails by name', () => {
    const path = join(temporaryFolder(), 'noise.db')
    expect(() => readDatabase(path, texts)).toThrow(expect.objectContaining({ message: expect.stringContaining(path) }))
    writeFileSync(path, 'no database, but long enough to be taken for one. '.repeat(20))
    expect(() => readDatabase(path, texts)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }))
  })
})
