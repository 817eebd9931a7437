import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Migration } from '@tenon/database'
import { openPostgres } from '@tenon/database/postgres'
import { answerOf, temporaryDatabase, temporaryFolder, wallWorld, withoutPostgres } from '@tenon/testkit'

const world = wallWorld()
const NOTES: Migration = { id: 'notes/1', sql: 'CREATE TABLE note (id integer PRIMARY KEY, text text NOT NULL)' }
const TAGS: Migration = { id: 'notes/2', sql: 'ALTER TABLE note ADD COLUMN tag text; CREATE INDEX tags ON note (tag)' }
type Tables = { note: { id: number; text: string } }

async function opened(url: string, migrations: Migration[] = [NOTES]) {
  const database = await openPostgres<Tables>(url, { migrations, world })
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await database.close()
    isOpen = false
  }
  onTestFinished(close)
  const ids = async () =>
    (await database.rows.selectFrom('note').select('id').orderBy('id').execute()).map(({ id }) => id)
  const add = (id: number) =>
    database.rows
      .insertInto('note')
      .values({ id, text: `note ${id}` })
      .execute()
  return { ...database, close, ids, add }
}

const fault = (code: string, message: RegExp): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.any(String) })

describe.skipIf(withoutPostgres)('a PostgreSQL database', () => {
  test('is brought to the newest migration, once, even by several at a time', async () => {
    const url = await temporaryDatabase()
    const [first] = await Promise.all([1, 2, 3].map(() => opened(url)))
    await first?.add(1)
    const second = await opened(url, [NOTES, TAGS])
    expect(await second.ids()).toEqual([1])
    const tables = await sql<{ name: string }>`SELECT schemaname || '.' || tablename AS name FROM pg_tables
      WHERE tablename IN ('note', 'tenon_migration') ORDER BY 1`.execute(second.rows)
    expect(tables.rows.map(({ name }) => name)).toEqual(['tenon.note', 'tenon.tenon_migration'])
  })

  test('of another version is refused untouched, and so is a migration that fails', async () => {
    const url = await temporaryDatabase()
    await (await opened(url, [NOTES, TAGS])).close()
    await expect(opened(url, [NOTES])).rejects.toThrow(fault('DATA_FOLDER_FORMAT', /holds the migration notes\/2/))
    const changed = { ...NOTES, sql: `${NOTES.sql} ` }
    await expect(opened(url, [changed, TAGS])).rejects.toThrow(fault('DATA_FOLDER_FORMAT', /another text/))
    const broken = { id: 'notes/3', sql: 'DROP TABLE note; CREATE TABLE note (' }
    await expect(opened(url, [NOTES, TAGS, broken])).rejects.toThrow('syntax error')
    expect(await (await opened(url, [NOTES, TAGS])).ids()).toEqual([])
  })

  test('makes all changes of a transaction or none, and shows a snapshot what was there', async () => {
    const { transaction, add, ids, rows } = await opened(await temporaryDatabase())
    const failed = transaction(async (inside) => {
      await inside.insertInto('note').values({ id: 1, text: 'x' }).execute()
      throw new Error('stop')
    })
    await expect(failed).rejects.toThrow('stop')
    expect(await ids()).toEqual([])
    const count = (from: typeof rows) => from.selectFrom('note').select('id').execute()
    const seen = await transaction(
      async (inside) => {
        const before = await count(inside)
        await add(2)
        return [before.length, (await count(inside)).length]
      },
      { snapshot: true },
    )
    expect([seen, await ids()]).toEqual([[0, 0], [2]])
    await expect(add(2)).rejects.toThrow('duplicate key')
  })

  test('flushes every commit before it is acknowledged, whatever the server thinks of it', async () => {
    const url = await temporaryDatabase()
    await answerOf(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`)
    const { rows } = await opened(url)
    const shown = await sql<{ synchronous_commit: string }>`SHOW synchronous_commit`.execute(rows)
    expect(shown.rows).toEqual([{ synchronous_commit: 'on' }])
  })

  test('that ends its connections says so to whom it concerns, and the process goes on', async () => {
    const url = await temporaryDatabase()
    await (await opened(url)).add(1)
    const program = join(import.meta.dirname, 'losing-process.ts')
    const child = spawn(process.execPath, [program, url], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [said, complaints, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    expect([said, complaints, status]).toEqual(['DATABASE_UNREACHABLE\n[{"id":1}]\n', '', 0])
  })
})

describe('a database that cannot be used', () => {
  test.each(['mysql://secret@host/x', 'secret', 'postgres://['])(
    'because %s is no URL of one is told without a word of it',
    async (url) => {
      const thrown = await opened(url).catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('TENON_DATABASE_URL') })
      expect(String(thrown)).not.toContain('secret')
    },
  )

  test('because nobody is there is named without its password', async () => {
    const folder = temporaryFolder()
    for (const [url, name] of [
      ['postgres://me:hunter2@127.0.0.1:1/x', '^postgres://127.0.0.1:1/x: '],
      [`postgres://me:hunter2@localhost/x?host=${folder}`, `^postgres://${folder}/x: `],
    ] as const) {
      const thrown = await opened(url).catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code: 'DATABASE_UNREACHABLE', message: expect.stringMatching(new RegExp(name)) })
      expect(JSON.stringify(thrown) + String(thrown)).not.toContain('hunter2')
    }
  })

  test('because something else answers there is named', async () => {
    const path = join(temporaryFolder(), '.s.PGSQL.5432')
    const server = createServer((socket) => socket.end()).listen(path)
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    await expect(opened(`postgres://me@localhost/x?host=${path.replace('/.s.PGSQL.5432', '')}`)).rejects.toThrow(
      fault('DATABASE_UNREACHABLE', /Connection terminated/),
    )
  })

  test.skipIf(withoutPostgres)(
    'because the server does not have it, or does not allow what is needed, says so',
    async () => {
      const url = await temporaryDatabase()
      const absent = url.replace(/test_\d+/, 'absent')
      await expect(opened(absent)).rejects.toThrow(fault('DATABASE_REFUSED', /database "absent" does not exist/))
      const role = `reader_${new URL(url).pathname.slice(1)}`
      await answerOf(url, `CREATE ROLE ${role} LOGIN`)
      await expect(opened(url.replace('tenon@', `${role}@`))).rejects.toThrow(
        fault('DATABASE_REFUSED', /permission denied/),
      )
      await answerOf(url, `CREATE SCHEMA tenon AUTHORIZATION ${role}`)
      expect(await (await opened(url.replace('tenon@', `${role}@`))).ids()).toEqual([])
    },
  )
})
