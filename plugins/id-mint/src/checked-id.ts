/**
 * Ids such as INV-000042-BR: a prefix of letters, a number of six to ten digits, two check characters.
 *
 * The check characters are those of ISO 7064 MOD 1271-36: the characters, as digits of base 36, weighted with powers of
 * 36, sum to 1 modulo 1271 = 31 · 41. A changed character moves the sum by d · 36^k with 0 < |d| < 36, never a multiple
 * of 1271. Two swapped characters n places apart move it by d · 36^k · (36^n - 1): a multiple of 1271 needs 36^n = 1
 * modulo 41, so n a multiple of 20. An id has at most 20 characters besides its hyphens, so every swap is caught.
 */
const MODULUS = 1271
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const NUMBER_WIDTH = 6
const NUMBER_MAX = 9_999_999_999

/** Letters, then digits, then two of either: the hyphens can stand in one place only, so a moved one is caught as well. */
const CHECKED = /^([A-Z]{1,8})-([0-9]{6}|[1-9][0-9]{6,9})-([0-9A-Z]{2})$/
const COMPACT = /^([A-Z]{1,8})([0-9]{6}|[1-9][0-9]{6,9})([0-9A-Z]{2})$/

/** The id with this number, or undefined when the prefix has no number left. */
export function checkedId(prefix: string, number: number): string | undefined {
  if (number > NUMBER_MAX) return undefined
  const digits = String(number).padStart(NUMBER_WIDTH, '0')
  return `${prefix}-${digits}-${checkCharacters(prefix + digits)}`
}

/** Why the text is no sound checked id, or undefined when it is one. */
export function checkedIdFault(text: string): string | undefined {
  const parts = CHECKED.exec(text)
  if (parts === null)
    return 'it does not read like INV-000042-BR: capital letters, six or more digits, two check characters'
  const [, prefix = '', digits = '', check] = parts
  return checkCharacters(prefix + digits) === check ? undefined : `the check characters "${check}" do not fit the rest`
}

/** The id with its hyphens, from one without; undefined when that is no id. */
export function groupedId(compact: string): string | undefined {
  const parts = COMPACT.exec(compact)
  return parts === null ? undefined : parts.slice(1).join('-')
}

function checkCharacters(text: string): string {
  const sum = [...text].reduce((total, character) => (total * 36 + ALPHABET.indexOf(character)) % MODULUS, 0)
  const check = (MODULUS + 1 - ((sum * 36 * 36) % MODULUS)) % MODULUS
  return `${ALPHABET.charAt(Math.floor(check / 36))}${ALPHABET.charAt(check % 36)}`
}
