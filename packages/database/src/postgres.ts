import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { limits, TenonError, type World } from '@tenon/contract'
import type { Migration } from './migrations.ts'
import { naming } from './postgres-fault.ts'
import { migratePostgres } from './postgres-migrations.ts'

/** A PostgreSQL database, in whose schema `tenon` the tables are. Every commit is flushed before it is acknowledged. */
export type Postgres<Tables> = {
  /** Host and database, as faults name them; never a user or password. */
  readonly name: string
  /** Reads as they come, each as of its own moment. */
  readonly rows: Kysely<Tables>
  /** Runs `work` in one transaction: all of it, or nothing when it throws. `snapshot` reads as of one moment. */
  transaction<T>(work: (rows: Transaction<Tables>) => Promise<T>, options?: { snapshot: true }): Promise<T>
  /** Gives faults of the world that `work` meets their name. */
  naming<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

const CONNECTIONS_MAX = 10

/** Opens the database at a URL and brings it to the newest migration. Throws DATABASE_UNREACHABLE or DATABASE_REFUSED. */
export async function openPostgres<Tables>(
  url: string,
  { migrations, world }: { migrations: readonly Migration[]; world: World },
): Promise<Postgres<Tables>> {
  const name = nameOf(url)
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: limits.lockWaitMs,
    options: '-c search_path=tenon -c synchronous_commit=on',
    application_name: 'tenon',
  })
  // A connection that breaks is told of by its next statement, and replaced; without listeners it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => void client.on('error', () => undefined))
  const rows = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await naming(name, () => migratePostgres(rows, name, migrations, world))
  } catch (thrown) {
    await rows.destroy()
    throw thrown
  }
  return {
    name,
    rows,
    naming: (work) => naming(name, work),
    transaction: (work, options) =>
      naming(name, () =>
        rows
          .transaction()
          .setIsolationLevel(options === undefined ? 'read committed' : 'repeatable read')
          .execute(work),
      ),
    close: () => rows.destroy(),
  }
}

/** Of the URL only what is no secret is ever said. */
function nameOf(url: string): string {
  const parsed = URL.parse(url)
  if (parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol)) {
    const socket = parsed.searchParams.get('host')
    return `postgres://${socket ?? parsed.host}${parsed.pathname}`
  }
  throw new TenonError('CONFIG_INVALID', 'TENON_DATABASE_URL is no URL of PostgreSQL', {
    hint: 'It has the form postgres://USER:PASSWORD@HOST:PORT/DATABASE.',
  })
}
