import { TenonError } from '@tenon/contract'
import { durationMs } from '../duration.ts'

/** A moment as a person writes it, in milliseconds: a date, a date with a time, or how long ago, such as `7d`. */
export function momentOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+[a-z]$/.test(text)) return now - durationMs(text)
  const at = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new TenonError('USAGE', `"${text}" is no moment`, {
    hint: 'Write a date such as 2026-01-31, one with a time such as 2026-01-31T12:00:00Z, or how long ago, such as 7d.',
  })
}
