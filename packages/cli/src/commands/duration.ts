import { TenonError } from '@tenon/contract'

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a time as a person writes it, such as `7d`. */
export function durationMs(text: string): number {
  const [, count, letter = ''] = /^(\d{1,6})([a-z])$/.exec(text) ?? []
  const unit = UNITS[letter]
  if (unit !== undefined) return Number(count) * unit
  throw new TenonError('USAGE', `"${text}" is no time`, { hint: 'Write a number of s, m, h or d, such as 7d.' })
}
