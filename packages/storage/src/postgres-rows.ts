import { sql, type Kysely } from 'kysely'
import type { World } from '@tenon/contract'
import { openDatabase, openReader, type Migration } from '@tenon/database'
import type { Postgres } from '@tenon/database/postgres'
import { passage } from './passage.ts'
import type { RowChange, RowReads, RowStore } from './row-store.ts'
import { putStatement, sqliteReads, storageMigrations } from './sqlite-rows.ts'
import type { Place, Space, StoredRow } from './stored-row.ts'

/** Keys are bytes, so that their order is that of their bytes, and so that they may hold anything. */
export const postgresMigrations: readonly Migration[] = [
  {
    id: 'storage/1',
    sql: `
      CREATE TABLE plugin_row (
        plugin text COLLATE "C" NOT NULL,
        space text COLLATE "C" NOT NULL,
        key bytea NOT NULL,
        value text NOT NULL,
        bytes integer NOT NULL,
        checksum bytea NOT NULL,
        expires_at bigint,
        PRIMARY KEY (plugin, space, key)
      );
      CREATE INDEX plugin_row_expiry ON plugin_row (plugin, space, expires_at) WHERE expires_at IS NOT NULL;`,
  },
]

/** The client gives a bigint as text. */
type RowTable = {
  plugin: string
  space: string
  key: Buffer
  value: string
  bytes: number
  checksum: Uint8Array
  expires_at: string | number | null
}
export type RowTables = { plugin_row: RowTable }
type Rows = Kysely<RowTables>

/** Rows in a PostgreSQL database that was opened with `postgresMigrations`. Several processes may use it at a time. */
export function postgresRows(database: Postgres<RowTables>, world: World): RowStore {
  const { name, rows, transaction, naming } = database
  // The locks hold among processes; who waits for his own process needs no connection to wait with.
  const passing = passage()
  const alone = (work: (inside: Rows) => Promise<void>): Promise<void> =>
    passing.alone(() =>
      transaction(async (inside) => {
        await lock(inside, 'all')
        await work(inside)
      }),
    )
  return {
    ...postgresReads(rows, name, naming),
    change: (place, work) =>
      passing.beside(() =>
        transaction(async (inside) => {
          await lock(inside, place)
          await write(inside, (await work(postgresReads(inside, name, naming))).changes)
        }),
      ),
    changeAlone: (work) => alone(async (inside) => write(inside, await work(postgresReads(inside, name, naming)))),
    copyTo: (path) =>
      transaction((inside) => copyRows(postgresReads(inside, name, naming), path, world), { snapshot: true }),
    replaceBy: (path) =>
      alone(async (inside) => {
        await inside.deleteFrom('plugin_row').execute()
        await fillFrom(inside, path)
      }),
    close: () => database.close(),
  }
}

/** Two numbers of ours among all locks of the database. Who changes a place shares the first with all others who do. */
const [ALL, PLACE] = [7_420_002, 7_420_003]

async function lock(rows: Rows, what: Place | 'all'): Promise<void> {
  if (what === 'all') {
    await sql`SELECT pg_advisory_xact_lock(${sql.lit(ALL)})`.execute(rows)
    return
  }
  // Places whose names have the same hash only wait for each other.
  const hash = sql`hashtext(${`${what.space} ${what.plugin}`})`
  const both = sql`pg_advisory_xact_lock_shared(${sql.lit(ALL)}), pg_advisory_xact_lock(${sql.lit(PLACE)}, ${hash})`
  await sql`SELECT ${both}`.execute(rows)
}

const PAGE = 50

function postgresReads(rows: Rows, name: string, naming: Postgres<RowTables>['naming']): RowReads {
  const table = rows.selectFrom('plugin_row')
  const within = ({ plugin, space }: Place) => table.where('plugin', '=', plugin).where('space', '=', space)
  return {
    name,
    row: (place, key) =>
      naming(async () => {
        const row = await within(place).where('key', '=', Buffer.from(key)).selectAll().executeTakeFirst()
        return row && storedRow(row)
      }),
    bytes: (place, now) =>
      naming(async () => {
        const sum = sql<string | null>`sum(bytes)`
        const expired = sql<string | null>`sum(bytes) FILTER (WHERE expires_at <= ${now})`
        const found = within(place).select([sum.as('stored'), expired.as('expired')])
        const sums = await found.executeTakeFirst()
        return { stored: Number(sums?.stored ?? 0), expired: Number(sums?.expired ?? 0) }
      }),
    keys: (place, { prefix, after, limit }, now) =>
      naming(async () => {
        const found = await within(place)
          .where('key', '>', Buffer.from(after))
          .where('key', '>=', Buffer.from(prefix))
          // 0xFF is in no UTF-8 text, so the upper bound is above every key that has the prefix.
          .where('key', '<', Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)]))
          .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', now)]))
          .orderBy('key')
          .limit(limit)
          .select('key')
          .execute()
        return found.map(({ key }) => key.toString())
      }),
    plugins: (space) =>
      naming(async () => {
        const found = table.where('space', '=', space).select('plugin').distinct().orderBy('plugin')
        return (await found.execute()).map(({ plugin }) => plugin)
      }),
    expiredPlaces: (now) =>
      naming(async () => {
        const found = table.where('expires_at', '<=', now).select(['plugin', 'space']).distinct()
        return (await found.execute()).map(({ plugin, space }) => ({ plugin, space: space as Space }))
      }),
    rows: () => allRows(rows, naming),
  }
}

async function* allRows(rows: Rows, naming: Postgres<RowTables>['naming']): AsyncIterable<StoredRow[]> {
  const ordered = rows
    .selectFrom('plugin_row')
    .selectAll()
    .orderBy('plugin')
    .orderBy('space')
    .orderBy('key')
    .limit(PAGE)
  for (let after: StoredRow | undefined; ; ) {
    const place = [after?.plugin ?? '', after?.space ?? '', Buffer.from(after?.key ?? '')] as const
    const behind = sql<boolean>`(plugin, space, key) > (${place[0]}, ${place[1]}, ${place[2]})`
    const page = (await naming(() => ordered.where(behind).execute())).map((row) => storedRow(row))
    after = page.at(-1)
    if (after === undefined) return
    yield page
  }
}

const storedRow = ({ plugin, space, key, value, bytes, checksum, expires_at }: RowTable): StoredRow => ({
  ...{ plugin, space: space as Space, key: key.toString(), text: value, bytes, checksum },
  expiresAt: expires_at === null ? undefined : Number(expires_at),
})

async function write(rows: Rows, changes: readonly RowChange[]): Promise<void> {
  for (const change of changes)
    if ('sweep' in change) {
      const { sweep, now } = change
      const swept = rows.deleteFrom('plugin_row').where('plugin', '=', sweep.plugin).where('space', '=', sweep.space)
      await swept.where('expires_at', '<=', now).execute()
    } else if ('remove' in change) {
      const { plugin, space, key } = change.remove
      const removed = rows.deleteFrom('plugin_row').where('plugin', '=', plugin).where('space', '=', space)
      await removed.where('key', '=', Buffer.from(key)).execute()
    } else await putRows(rows, [change.put])
}

/** Writes rows in the place of those that have their keys. */
async function putRows(rows: Rows, put: readonly StoredRow[]): Promise<void> {
  await rows
    .insertInto('plugin_row')
    .values(
      put.map(({ text, expiresAt, key, checksum, ...row }) => ({
        ...{ ...row, key: Buffer.from(key), value: text, expires_at: expiresAt ?? null },
        checksum: Buffer.from(checksum),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['plugin', 'space', 'key']).doUpdateSet((row) => ({
        value: row.ref('excluded.value'),
        bytes: row.ref('excluded.bytes'),
        checksum: row.ref('excluded.checksum'),
        expires_at: row.ref('excluded.expires_at'),
      })),
    )
    .execute()
}

/** The file is flushed as a whole before it gets its name, so no commit of it needs to be. */
async function copyRows(reads: RowReads, path: string, world: World): Promise<void> {
  const copy = openDatabase(path, { migrations: storageMigrations, world, durable: false })
  try {
    for await (const page of reads.rows())
      copy.transaction(() => {
        for (const { sql: text, params } of page.map(putStatement)) copy.run(text, ...params)
      })
  } finally {
    copy.close()
  }
}

async function fillFrom(rows: Rows, path: string): Promise<void> {
  const reader = openReader(path)
  try {
    for await (const page of sqliteReads(reader).rows()) await putRows(rows, page)
  } finally {
    reader.close()
  }
}
