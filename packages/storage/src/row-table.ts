import { limits } from '@tenon/contract'
import type { DatabaseReader, Migration, SqlValue, Statement } from '@tenon/database'
import { refuseDamaged } from './damage.ts'
import { bytesOf, checksumOf, isWhole, ROW, type Entry, type Place, type Space } from './stored-row.ts'

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

export type KeyRange = { prefix?: string; after?: string; limit?: number }
/** The rows of one place as they are on disk. What expired at `now` is not shown, and stays until it is swept. */
export type RowTable = {
  /** A row's value as JSON text; throws DATA_FOLDER_CORRUPT naming the row when it does not have its checksum. */
  text(key: string, now: number): string | undefined
  /** What a row counts against a quota: 0 when it is absent. */
  rowBytes(key: string, now: number): number
  /** Of all rows, expired ones among them. */
  storedBytes(): number
  expiredBytes(now: number): number
  /** Keys in the order of their bytes. */
  keys(range: KeyRange, now: number): string[]
}

const UNEXPIRED = '(expires_at IS NULL OR expires_at > ?)'

export function rowTable(reader: DatabaseReader, place: Place): RowTable {
  const { plugin, space } = place
  const at = 'WHERE plugin = ? AND space = ?'
  const total = (condition: string, ...params: SqlValue[]): number => {
    const sql = `SELECT total(bytes) AS bytes FROM plugin_row ${at}${condition}`
    return reader.get({ bytes: 'number' }, sql, plugin, space, ...params)?.bytes ?? 0
  }
  return {
    text: (key, now) => storedText(reader, place, key, now),
    rowBytes: (key, now) => total(` AND key = ? AND ${UNEXPIRED}`, key, now),
    storedBytes: () => total(''),
    expiredBytes: (now) => total(' AND expires_at <= ?', now),
    keys({ prefix = '', after = '', limit = limits.kvListMax }, now) {
      // 0xFF is in no UTF-8 text, so the upper bound is above every key that has the prefix.
      const range = `${at} AND key > ? AND key >= ? AND key < ? || CAST(x'FF' AS TEXT) AND ${UNEXPIRED} ORDER BY key LIMIT ?`
      const params = [plugin, space, after, prefix, prefix, now, Math.min(limit, limits.kvListMax)]
      return reader.all({ key: 'text' }, `SELECT key FROM plugin_row ${range}`, ...params).map(({ key }) => key)
    },
  }
}

/** Writes a row, or deletes it when there is no entry. */
export function rowStatement(place: Place, key: string, entry: Entry | undefined): Statement {
  const at = [place.plugin, place.space, key]
  if (entry === undefined)
    return { sql: 'DELETE FROM plugin_row WHERE plugin = ? AND space = ? AND key = ?', params: at }
  const { text, expiresAt } = entry
  return {
    sql: 'INSERT OR REPLACE INTO plugin_row (plugin, space, key, value, bytes, checksum, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    params: [...at, text, bytesOf(key, text), checksumOf(place, key, entry), expiresAt ?? null],
  }
}

/** Deletes what has expired in one place. */
export const sweepStatement = ({ plugin, space }: Place, now: number): Statement => ({
  sql: 'DELETE FROM plugin_row WHERE plugin = ? AND space = ? AND expires_at <= ?',
  params: [plugin, space, now],
})

/** The places that hold something expired. */
export const expiredPlaces = (reader: DatabaseReader, now: number): Place[] =>
  reader
    .all({ plugin: 'text', space: 'text' }, 'SELECT DISTINCT plugin, space FROM plugin_row WHERE expires_at <= ?', now)
    .map(({ plugin, space }) => ({ plugin, space: space as Space }))

function storedText(reader: DatabaseReader, place: Place, key: string, now: number): string | undefined {
  const { plugin, space } = place
  const sql = 'SELECT value, bytes, checksum, expires_at FROM plugin_row WHERE plugin = ? AND space = ? AND key = ?'
  const row = reader.get(ROW, sql, plugin, space, key)
  if (row === undefined) return undefined
  if (!isWhole({ ...row, ...place, key })) refuseDamaged(reader.path, [{ ...place, key }])
  return row.expires_at !== null && row.expires_at <= now ? undefined : row.value
}
