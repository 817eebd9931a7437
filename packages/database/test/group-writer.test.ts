import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { openDatabase, openGroupWriter, openReader, type Migration } from '@tenon/database'
import { temporaryFolder, wallWorld } from '@tenon/testkit'

const NOTES: Migration = {
  id: 'notes/1',
  sql: `CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE TABLE mark (id INTEGER PRIMARY KEY) STRICT;
    CREATE TRIGGER full BEFORE INSERT ON mark WHEN NEW.id < 0 BEGIN SELECT RAISE(ROLLBACK, 'given up'); END`,
}
const world = wallWorld()
const NOTE = { id: 'number', text: 'text' } as const
const insert = (id: number, text: string | null = 'x') => ({
  sql: 'INSERT INTO note (id, text) VALUES (?, ?)',
  params: [id, text],
})
const mark = (id: number) => ({ sql: 'INSERT INTO mark (id) VALUES (?)', params: [id] })

const openWriter = async (path = join(temporaryFolder(), 'notes.db')) => {
  const writer = await openGroupWriter(path, { migrations: [NOTES], world })
  const reader = openReader(path)
  return {
    writer,
    ids: () => reader.all({ id: 'number' }, 'SELECT id FROM note ORDER BY id').map(({ id }) => id),
    close: async () => {
      reader.close()
      await writer.close()
    },
  }
}

describe('a group writer', () => {
  test('settles a write when a reader sees it', async () => {
    const { writer, ids, close } = await openWriter()
    await writer.write([insert(1), insert(2)])
    expect(ids()).toEqual([1, 2])
    await close()
  })

  test('does the statements of one call together or not at all', async () => {
    const { writer, ids, close } = await openWriter()
    await expect(writer.write([insert(1), insert(2, null)])).rejects.toThrow('NOT NULL')
    expect(ids()).toEqual([])
    await close()
  })

  test('lets a failing call fail alone among those of its turn', async () => {
    const { writer, ids, close } = await openWriter()
    const outcomes = await Promise.allSettled([1, 1, 2].map((id) => writer.write([insert(id)])))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(ids()).toEqual([1, 2])
    await close()
  })

  test('acknowledges nothing of a commit that SQLite gave up', async () => {
    const { writer, ids, close } = await openWriter()
    const outcomes = await Promise.allSettled([[insert(1)], [mark(-1)], [insert(2)]].map((call) => writer.write(call)))
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('given up') } })
    expect(ids()).toEqual([])
    await writer.write([insert(3)])
    expect(ids()).toEqual([3])
    await close()
  })

  test('commits the calls of one turn once, and those of two turns twice', async () => {
    const path = join(temporaryFolder(), 'notes.db')
    const { writer, close } = await openWriter(path)
    const reader = openReader(path)
    const version = () => reader.get({ data_version: 'number' }, 'PRAGMA data_version')?.data_version ?? 0
    const seen = new Set([version()])
    const watched = async (id: number) => {
      await writer.write([insert(id)])
      seen.add(version())
    }
    await Promise.all([1, 2, 3, 4].map(watched))
    expect(seen.size).toBe(2)
    await watched(5)
    expect(seen.size).toBe(3)
    reader.close()
    await close()
  })

  test('keeps the order of calls', async () => {
    const { writer, ids, close } = await openWriter()
    const calls: Promise<void>[] = []
    for (let id = 1; id <= 300; id += 1) {
      calls.push(writer.write([{ sql: 'INSERT INTO note (text) VALUES (?)', params: [String(id)] }]))
      if (id % 50 === 0) await calls.at(-1)
    }
    await Promise.all(calls)
    expect(ids()).toHaveLength(300)
    await close()
    const reader = openReader(writer.path)
    expect(reader.all(NOTE, 'SELECT id, text FROM note WHERE CAST(id AS TEXT) <> text')).toEqual([])
    reader.close()
  })

  test('leaves the event loop free while it flushes', async () => {
    const { writer, close } = await openWriter()
    let turns = 0
    const written = writer.write(Array.from({ length: 20_000 }, (_, id) => insert(id)))
    const settled = written.then(() => true)
    const turn = () => new Promise<boolean>((resolve) => setImmediate(resolve, false))
    while (!(await Promise.race([settled, turn()]))) turns += 1
    expect(turns).toBeGreaterThan(10)
    await close()
  })

  test('finishes what was asked before it closes, then takes no more', async () => {
    const { writer, ids } = await openWriter()
    const last = writer.write([insert(1)])
    await writer.close()
    await writer.close()
    await last
    expect(ids()).toEqual([1])
    await expect(writer.write([insert(2)])).rejects.toThrow('closed')
  })

  test('waits at close for a commit that is under way', async () => {
    const { writer, ids } = await openWriter()
    const long = writer.write(Array.from({ length: 5000 }, (_, id) => insert(id)))
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    await writer.close()
    await long
    expect(ids()).toHaveLength(5000)
  })

  test('refuses what is no database before it starts a thread', async () => {
    const path = join(temporaryFolder(), 'notes.db')
    writeFileSync(path, 'dear diary\n'.repeat(100))
    await expect(openGroupWriter(path, { migrations: [NOTES], world })).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }),
    )
  })

  test('waits for another connection that holds the file', async () => {
    const path = join(temporaryFolder(), 'notes.db')
    const { writer, ids, close } = await openWriter(path)
    const other = openDatabase(path, { migrations: [NOTES], world })
    const written = other.transaction(() => {
      other.run("INSERT INTO note (id, text) VALUES (9, 'held')")
      return { settled: writer.write([insert(1)]) }
    })
    await written.settled
    expect(ids()).toEqual([1, 9])
    other.close()
    await close()
  })

  test('rejects what was pending and all that follows when its thread dies', async () => {
    const started = new Promise<Worker>((resolve) => process.once('worker', resolve))
    const { writer } = await openWriter()
    const thread = await started
    const pending = writer.write([insert(1)])
    const [outcome] = await Promise.allSettled([pending, thread.terminate()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } })
    await expect(writer.write([insert(2)])).rejects.toThrow(expect.objectContaining({ code: 'INTERNAL' }))
    await writer.close()
  })
})
