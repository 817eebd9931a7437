import { hash } from 'node:crypto'

/** Where a row lives: key-value pairs, secrets and configuration of a plugin never meet. */
export type Space = 'kv' | 'secret' | 'secret-key' | 'config'
export type Place = { plugin: string; space: Space }
/** One text for each place: neither a space nor the id of a plugin has a blank. */
export const nameOf = ({ plugin, space }: Place): string => `${space} ${plugin}`
/** A value as JSON text, and the time from which on it is not there any more. */
export type Entry = { text: string; expiresAt: number | undefined }

/** A row as it is in a database, whatever it means. */
export type StoredRow = Readonly<Place & Entry & { key: string; bytes: number; checksum: Uint8Array }>

export const bytesOf = (key: string, text: string): number => Buffer.byteLength(key) + Buffer.byteLength(text)

/** Rows whose checksum was computed here: it is computed once, not for each reading of a row that is kept. */
const checked = new WeakSet<StoredRow>()

/** The row that holds an entry. */
export function rowOf(place: Place, key: string, entry: Entry): StoredRow {
  const checksum = checksumOf(place, key, entry)
  const row = { ...place, key, ...entry, bytes: bytesOf(key, entry.text), checksum }
  checked.add(row)
  return row
}

/** Over the row's place and end too, so that a row that was moved, or lives longer than it was to, is found. */
function checksumOf({ plugin, space }: Place, key: string, { text, expiresAt }: Entry): Buffer {
  const name = [plugin, space, key, ...(expiresAt === undefined ? [] : [expiresAt])]
  return hash('sha256', `${JSON.stringify(name)}\n${text}`, 'buffer')
}

/** Whether a row is as it was written. */
export function isWhole(row: StoredRow): boolean {
  if (checked.has(row)) return true
  const isSame = row.bytes === bytesOf(row.key, row.text) && checksumOf(row, row.key, row).equals(row.checksum)
  if (isSame) checked.add(row)
  return isSame
}
