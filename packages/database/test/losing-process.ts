import { sql } from 'kysely'
import pg from 'pg'
import { asTenonError } from '@tenon/contract'
import { openPostgres } from '@tenon/database/postgres'
import { wallWorld } from '@tenon/testkit'

type Tables = { note: { id: number } }

/** Loses all its connections in the middle of a transaction, and says what came of it. */
const [url = ''] = process.argv.slice(2)
const migrations = [{ id: 'notes/1', sql: 'CREATE TABLE note (id integer PRIMARY KEY, text text NOT NULL)' }]
const { rows, transaction, close } = await openPostgres<Tables>(url, { migrations, world: wallWorld() })
const client = new pg.Client({ connectionString: url })
await client.connect()
const cut = transaction(async (inside) => {
  await client.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`)
  await sql`SELECT 1`.execute(inside)
})
console.log(await cut.catch((thrown: unknown) => asTenonError(thrown).code))
console.log(JSON.stringify(await rows.selectFrom('note').select('id').execute()))
await client.end()
await close()
