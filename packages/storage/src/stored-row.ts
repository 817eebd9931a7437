import { createHash } from 'node:crypto'
import type { RowOf } from '@tenon/database'

/** Where a row lives: key-value pairs, secrets and configuration of a plugin never meet. */
export type Space = 'kv' | 'secret' | 'secret-key' | 'config'
export type Place = { plugin: string; space: Space }
/** A value as JSON text, and the time from which on it is not there any more. */
export type Entry = { text: string; expiresAt: number | undefined }

/** What a row holds beside its place. */
export const ROW = { value: 'text', bytes: 'number', checksum: 'bytes', expires_at: 'number?' } as const
export type StoredRow = RowOf<typeof ROW> & Place & { key: string }

export const bytesOf = (key: string, text: string): number => Buffer.byteLength(key) + Buffer.byteLength(text)

/** Over the row's place and end too, so that a row that was moved, or lives longer than it was to, is found. */
export function checksumOf({ plugin, space }: Place, key: string, { text, expiresAt }: Entry): Buffer {
  const name = [plugin, space, key, ...(expiresAt === undefined ? [] : [expiresAt])]
  return createHash('sha256')
    .update(`${JSON.stringify(name)}\n${text}`)
    .digest()
}

/** Whether a row is as it was written. */
export function isWhole({ key, value: text, bytes, checksum, expires_at, ...place }: StoredRow): boolean {
  const entry = { text, expiresAt: expires_at ?? undefined }
  return bytes === bytesOf(key, text) && checksumOf(place, key, entry).equals(checksum)
}
