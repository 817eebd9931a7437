import { createHash } from 'node:crypto'
import { limits, TenonError } from '@tenon/contract'
import type { DatabaseReader, Migration, Statement } from '@tenon/database'

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
]

/** Where a row lives: key-value pairs, secrets and configuration of a plugin never meet. */
export type Space = 'kv' | 'secret' | 'secret-key' | 'config'
export type Place = { plugin: string; space: Space }
export type KeyRange = { prefix?: string; after?: string; limit?: number }

/** The rows of one place as they are on disk. */
export type RowTable = {
  /** A row's value as JSON text; throws DATA_FOLDER_CORRUPT naming the row when it does not have its checksum. */
  text(key: string): string | undefined
  /** What a row counts against a quota: 0 when it is absent. */
  rowBytes(key: string): number
  bytes(): number
  /** Keys in the order of their bytes. */
  keys(range: KeyRange): string[]
}

export function rowTable(reader: DatabaseReader, place: Place): RowTable {
  const { plugin, space } = place
  const at = 'WHERE plugin = ? AND space = ?'
  return {
    text: (key) => storedText(reader, place, key),
    rowBytes(key) {
      const sql = `SELECT bytes FROM plugin_row ${at} AND key = ?`
      return reader.get({ bytes: 'number' }, sql, plugin, space, key)?.bytes ?? 0
    },
    bytes() {
      const [sum] = reader.all({ bytes: 'number' }, `SELECT total(bytes) AS bytes FROM plugin_row ${at}`, plugin, space)
      return sum?.bytes ?? 0
    },
    keys({ prefix = '', after = '', limit = limits.kvListMax }) {
      // 0xFF is in no UTF-8 text, so the upper bound is above every key that has the prefix.
      const range = `${at} AND key > ? AND key >= ? AND key < ? || CAST(x'FF' AS TEXT) ORDER BY key LIMIT ?`
      const params = [plugin, space, after, prefix, prefix, Math.min(limit, limits.kvListMax)]
      return reader.all({ key: 'text' }, `SELECT key FROM plugin_row ${range}`, ...params).map(({ key }) => key)
    },
  }
}

export const bytesOf = (key: string, text: string): number => Buffer.byteLength(key) + Buffer.byteLength(text)

/** Writes a row, or deletes it when there is no text. */
export function rowStatement(place: Place, key: string, text: string | undefined): Statement {
  const at = [place.plugin, place.space, key]
  if (text === undefined)
    return { sql: 'DELETE FROM plugin_row WHERE plugin = ? AND space = ? AND key = ?', params: at }
  return {
    sql: 'INSERT OR REPLACE INTO plugin_row (plugin, space, key, value, bytes, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    params: [...at, text, bytesOf(key, text), checksumOf(place, key, text)],
  }
}

function storedText(reader: DatabaseReader, place: Place, key: string): string | undefined {
  const row = reader.get(
    { value: 'text', checksum: 'bytes' },
    'SELECT value, checksum FROM plugin_row WHERE plugin = ? AND space = ? AND key = ?',
    place.plugin,
    place.space,
    key,
  )
  if (row === undefined || checksumOf(place, key, row.value).equals(row.checksum)) return row?.value
  throw new TenonError(
    'DATA_FOLDER_CORRUPT',
    `${reader.path}: the ${place.space} row ${JSON.stringify(key)} of ${place.plugin} does not have its checksum`,
    { hint: 'Restore the file from a backup, or write the value anew.', details: { ...place, key } },
  )
}

/** Over the row's place too, so that a row that was moved is found. */
function checksumOf({ plugin, space }: Place, key: string, text: string): Buffer {
  const name = JSON.stringify([plugin, space, key])
  return createHash('sha256').update(`${name}\n${text}`).digest()
}
