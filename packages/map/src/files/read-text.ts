import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { isExpected } from './expected-fault.ts'

export type SkipReason = 'too-large' | 'unreadable'
export type FileText = { text: string; skipped?: never } | { text?: never; skipped: SkipReason }

/**
 * Reads a regular file without following a link. What vanished, is forbidden or too large is skipped. Synchronous, because
 * promises for each file would cost more than the reading.
 */
export function readText(path: string, maxBytes: number): FileText {
  try {
    return textOf(openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK), maxBytes)
  } catch (thrown) {
    if (isExpected(thrown)) return { skipped: 'unreadable' }
    throw thrown
  }
}

function textOf(file: number, maxBytes: number): FileText {
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) return { skipped: 'unreadable' }
    return stat.size > maxBytes ? { skipped: 'too-large' } : { text: readFileSync(file, 'utf8') }
  } finally {
    closeSync(file)
  }
}
