import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type SkipReason = 'too-large' | 'unreadable'
export type FileText = { text: string; skipped?: never } | { text?: never; skipped: SkipReason }

/** Reads a regular file without following a link. What vanished, is forbidden or too large is skipped. */
export async function readText(path: string, maxBytes: number): Promise<FileText> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  try {
    await using file = await open(path, flags)
    const stat = await file.stat()
    if (!stat.isFile()) return { skipped: 'unreadable' }
    if (stat.size > maxBytes) return { skipped: 'too-large' }
    return { text: await file.readFile('utf8') }
  } catch (thrown) {
    if (isExpected(thrown)) return { skipped: 'unreadable' }
    throw thrown
  }
}

const EXPECTED = new Set(['EACCES', 'EISDIR', 'ELOOP', 'ENOENT', 'ENOTDIR', 'EPERM'])

/** The faults that a tree which others change and own brings with it. */
export const isExpected = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && EXPECTED.has(String(thrown.code))
