import {
  copyDatabasePages,
  openReader,
  type DatabaseReader,
  type GroupWriter,
  type Migration,
  type RowOf,
  type Statement,
} from '@tenon/database'
import { passage } from './passage.ts'
import { bytesIn, placeTotals } from './place-totals.ts'
import { recentRows } from './recent-rows.ts'
import type { RowChange, RowReads, RowStore } from './row-store.ts'
import type { Place, Space, StoredRow } from './stored-row.ts'

export const storageMigrations: readonly Migration[] = [
  {
    id: 'storage/1',
    sql: `
      CREATE TABLE plugin_row (
        plugin TEXT NOT NULL,
        space TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        checksum BLOB NOT NULL,
        PRIMARY KEY (plugin, space, key)
      ) STRICT;`,
  },
  {
    id: 'storage/2',
    sql: `
      ALTER TABLE plugin_row ADD COLUMN expires_at INTEGER;
      CREATE INDEX plugin_row_expiry ON plugin_row (plugin, space, expires_at) WHERE expires_at IS NOT NULL;`,
  },
]

/**
 * Rows in a SQLite file that one process has, whose writer was opened with `storageMigrations` and no others. Only one of these
 * changes a file: what it keeps of it is not told of the changes of another.
 */
export function sqliteRows(writer: GroupWriter): RowStore {
  const reader = openReader(writer.path)
  const passing = passage()
  const recent = recentRows()
  const totals = placeTotals(reader)
  const reads: RowReads = {
    ...sqliteReads(reader),
    async row(place, key) {
      const known = recent.at(place, key)
      if (known !== undefined) return known
      // At once: what is written meanwhile is kept after it.
      const row = rowIn(reader, place, key)
      if (row !== undefined) recent.keep(row)
      return row
    },
  }
  const forgetAll = (): void => {
    recent.clear()
    totals.clear()
  }
  return {
    ...reads,
    change: (place, work) =>
      passing.beside(async () => {
        const written = await work({ ...reads, bytes: async (of, now) => totals.bytes(of, now) })
        try {
          await writer.write(written.changes.map(statementOf))
        } catch (thrown) {
          // Whether it is on disk may not be known.
          recent.unsettled(written.changes)
          totals.changed(place, undefined)
          throw thrown
        }
        recent.changed(written.changes)
        totals.changed(place, written)
      }),
    changeAlone: (work) =>
      passing.alone(async () => {
        await writer.write((await work(reads)).map(statementOf)).finally(forgetAll)
      }),
    copyTo: (path) => copyDatabasePages(writer.path, path),
    replaceBy: (path) =>
      passing.alone(async () => {
        const fill = `INSERT INTO plugin_row (${COLUMNS}) SELECT ${COLUMNS} FROM attached.plugin_row`
        const statements = ['DELETE FROM plugin_row', fill].map((sql) => ({ sql, params: [] }))
        await writer.write(statements, { attached: path }).finally(forgetAll)
      }),
    close: async () => reader.close(),
  }
}

const COLUMNS = 'plugin, space, key, value, bytes, checksum, expires_at'
const ROW = {
  plugin: 'text',
  space: 'text',
  key: 'text',
  value: 'text',
  bytes: 'number',
  checksum: 'bytes',
  expires_at: 'number?',
} as const
/** What a row holds besides its place. */
const HELD = { value: 'text', bytes: 'number', checksum: 'bytes', expires_at: 'number?' } as const
const SELECT_HELD = `SELECT ${Object.keys(HELD).join(', ')} FROM plugin_row WHERE plugin = ? AND space = ? AND key = ?`
const PUT = `INSERT INTO plugin_row (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (plugin, space, key)
  DO UPDATE SET ${Object.keys(HELD)
    .map((column) => `${column} = excluded.${column}`)
    .join()}`
const UNEXPIRED = '(expires_at IS NULL OR expires_at > ?)'
const PAGE = 50

/** The rows of a file that has the tables of `storageMigrations`. */
export const sqliteReads = (reader: DatabaseReader): RowReads => ({
  name: reader.path,
  row: async (place, key) => rowIn(reader, place, key),
  bytes: async (place, now) => ({ stored: bytesIn(reader, place), expired: bytesIn(reader, place, now) }),
  async keys({ plugin, space }, { prefix, after, limit }, now) {
    // 0xFF is in no UTF-8 text, so the upper bound is above every key that has the prefix.
    const within = `key > ? AND key >= ? AND key < ? || CAST(x'FF' AS TEXT) AND ${UNEXPIRED}`
    const sql = `SELECT key FROM plugin_row WHERE plugin = ? AND space = ? AND ${within} ORDER BY key LIMIT ?`
    return reader.all({ key: 'text' }, sql, plugin, space, after, prefix, prefix, now, limit).map(({ key }) => key)
  },
  async plugins(space) {
    const sql = 'SELECT DISTINCT plugin FROM plugin_row WHERE space = ? ORDER BY plugin'
    return reader.all({ plugin: 'text' }, sql, space).map(({ plugin }) => plugin)
  },
  async expiredPlaces(now) {
    const sql = 'SELECT DISTINCT plugin, space FROM plugin_row WHERE expires_at <= ?'
    const places = reader.all({ plugin: 'text', space: 'text' }, sql, now)
    return places.map(({ plugin, space }) => ({ plugin, space: space as Space }))
  },
  rows: () => rowsOf(reader),
})

function rowIn(reader: DatabaseReader, { plugin, space }: Place, key: string): StoredRow | undefined {
  const row = reader.get(HELD, SELECT_HELD, plugin, space, key)
  return row && { plugin, space, key, ...held(row) }
}

async function* rowsOf(reader: DatabaseReader): AsyncIterable<StoredRow[]> {
  await reader.quickCheck()
  const sql = `SELECT ${COLUMNS} FROM plugin_row WHERE (plugin, space, key) > (?, ?, ?) ORDER BY plugin, space, key LIMIT ?`
  for (let after: StoredRow | undefined; ; ) {
    const page = reader
      .all(ROW, sql, after?.plugin ?? '', after?.space ?? '', after?.key ?? '', PAGE)
      .map((row) => storedRow(row))
    after = page.at(-1)
    if (after === undefined) return
    yield page
    // Others get their turn between pages.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const storedRow = (row: RowOf<typeof ROW>): StoredRow => ({
  ...{ plugin: row.plugin, space: row.space as Space, key: row.key },
  ...held(row),
})

const held = ({ value, bytes, checksum, expires_at }: RowOf<typeof HELD>): Omit<StoredRow, keyof Place | 'key'> => ({
  ...{ text: value, bytes, checksum },
  expiresAt: expires_at ?? undefined,
})

function statementOf(change: RowChange): Statement {
  if ('put' in change) return putStatement(change.put)
  if ('remove' in change) {
    const { plugin, space, key } = change.remove
    return { sql: 'DELETE FROM plugin_row WHERE plugin = ? AND space = ? AND key = ?', params: [plugin, space, key] }
  }
  const { sweep, now } = change
  const sql = 'DELETE FROM plugin_row WHERE plugin = ? AND space = ? AND expires_at <= ?'
  return { sql, params: [sweep.plugin, sweep.space, now] }
}

/** Writes a row in the place of one that has its key: over it, so that no index is written that stays as it is. */
export const putStatement = ({ plugin, space, key, text, bytes, checksum, expiresAt }: StoredRow): Statement => ({
  sql: PUT,
  params: [plugin, space, key, text, bytes, checksum, expiresAt ?? null],
})
