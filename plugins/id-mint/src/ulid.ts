import { randomBytes } from 'node:crypto'

/** A ULID is 48 bits of milliseconds and 80 of chance, in Crockford's base 32: 26 characters that sort by time. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/
const CHANCE_BITS = 80n
const CHANCE_BYTES = 10

/** The next ULIDs after `last`: always greater, even when the clock stands still or was set back. */
export function nextUlids(count: number, now: number, last: string | undefined): string[] {
  const earlier = last === undefined ? -1n : bitsOf(last)
  const fresh = (BigInt(now) << CHANCE_BITS) | BigInt(`0x${randomBytes(CHANCE_BYTES).toString('hex')}`)
  const sameTime = fresh >> CHANCE_BITS <= earlier >> CHANCE_BITS
  const first = sameTime ? earlier + 1n : fresh
  return Array.from({ length: count }, (_, index) => ulidOf(first + BigInt(index)))
}

/** Why the text is no ULID, or undefined when it is one. */
export function ulidFault(text: string): string | undefined {
  if (text.length !== 26) return `it has ${text.length} characters instead of 26`
  const foreign = [...text].find((character) => !ALPHABET.includes(character))
  if (foreign !== undefined) return `"${foreign}" is no character of a ULID`
  return ULID.test(text) ? undefined : 'its first character is greater than 7, which is more than 128 bits'
}

/** The text as it would be written had nobody mistaken a letter for a digit or written it small. */
export const canonicalUlid = (text: string): string => text.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')

export const ulidTime = (ulid: string): string => new Date(Number(bitsOf(ulid) >> CHANCE_BITS)).toISOString()

export const uuidOfUlid = (ulid: string): string =>
  bitsOf(ulid)
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

export const ulidOfUuid = (uuid: string): string => ulidOf(BigInt(`0x${uuid.replaceAll('-', '')}`))

const bitsOf = (ulid: string): bigint =>
  [...ulid].reduce((bits, character) => bits * 32n + BigInt(ALPHABET.indexOf(character)), 0n)

function ulidOf(bits: bigint): string {
  const digits = Array.from({ length: 26 }, (_, place) => Number((bits >> (5n * BigInt(25 - place))) & 31n))
  return digits.map((digit) => ALPHABET.charAt(digit)).join('')
}
