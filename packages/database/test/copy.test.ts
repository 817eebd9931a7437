import { join } from 'node:path'
import { readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { copyDatabase, openDatabase, openGroupWriter, openReader, type Migration } from '@tenon/database'
import { temporaryFolder, wallWorld } from '@tenon/testkit'

const NOTES: Migration = { id: 'notes/1', sql: 'CREATE TABLE note (id INTEGER PRIMARY KEY) STRICT' }
const options = { migrations: [NOTES], world: wallWorld() }

function idsIn(path: string): number[] {
  const reader = openReader(path)
  const ids = reader.all({ id: 'number' }, 'SELECT id FROM note ORDER BY id').map(({ id }) => id)
  reader.close()
  return ids
}

function databaseOf(path: string, ...ids: number[]): string {
  const db = openDatabase(path, options)
  for (const id of ids) db.run('INSERT INTO note (id) VALUES (?)', id)
  db.close()
  return path
}

/** What is there beside the original. */
const namesIn = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('from.db'))

test('a copy that its check refuses gets no name, and nothing is left of it', async () => {
  const folder = temporaryFolder()
  const [from, to] = [databaseOf(join(folder, 'from.db'), 1), join(folder, 'to.db')]
  const seen: string[] = []
  const check = async ({ path }: { path: string }): Promise<void> => {
    seen.push(path)
    throw new Error('not good enough')
  }
  await expect(copyDatabase(from, to, check)).rejects.toThrow('not good enough')
  expect([seen, namesIn(folder)]).toEqual([[from], []])
})

test('what a copy that was killed left behind does not reach the next', async () => {
  const folder = temporaryFolder()
  const [from, to] = [databaseOf(join(folder, 'from.db'), 1), join(folder, 'to.db')]
  for (const name of ['to.db.aside', 'to.db.aside-wal', 'to.db.aside-journal']) writeFileSync(join(folder, name), 'old')
  await copyDatabase(from, to, async () => {})
  expect([idsIn(to), namesIn(folder)]).toEqual([[1], ['to.db']])
})

test('a writer reads another database with one call, whole or not at all, and others in order around it', async () => {
  const folder = temporaryFolder()
  const other = databaseOf(join(folder, 'other.db'), 5, 6)
  const writer = await openGroupWriter(join(folder, 'notes.db'), options)
  const insert = (id: number) => ({ sql: 'INSERT INTO note (id) VALUES (?)', params: [id] })
  const take = { sql: 'INSERT INTO note (id) SELECT id FROM attached.note', params: [] }
  const shift = { sql: 'UPDATE note SET id = id + 10', params: [] }
  await Promise.all([
    writer.write([insert(1)]),
    writer.write([shift, take], { attached: other }),
    writer.write([shift]),
    writer.write([take], { attached: other }),
  ])
  expect(idsIn(writer.path)).toEqual([5, 6, 15, 16, 21])
  await expect(writer.write([insert(7), take], { attached: other })).rejects.toThrow('UNIQUE')
  await expect(writer.write([take], { attached: folder })).rejects.toThrow(
    expect.objectContaining({ code: 'DATA_FOLDER_UNWRITABLE' }),
  )
  await writer.write([insert(8)])
  await writer.close()
  expect(idsIn(writer.path)).toEqual([5, 6, 8, 15, 16, 21])
})
