/**
 * The scalar forms of the YAML schemas that skill-map's hashes are defined by: those of js-yaml 4, which knows binary
 * and underscored numbers and, when it writes, also dates and merge keys.
 */
const NULL = /^(?:~|null|Null|NULL)$/
const BOOLEAN = /^(?:true|True|TRUE|false|False|FALSE)$/
const INTEGER = /^[-+]?(?:0b[01_]*[01]|0x[0-9a-fA-F_]*[0-9a-fA-F]|0o[0-7_]*[0-7]|[0-9](?:[0-9_]*[0-9])?)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const TIME =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/

export const isInteger = (text: string): boolean => INTEGER.test(text)
export const isFloat = (text: string): boolean => FLOAT.test(text) && !text.endsWith('_')

/** Whether a plain scalar of this text would be read as something else than a string. */
export const isAmbiguous = (text: string): boolean =>
  text === '<<' ||
  NULL.test(text) ||
  BOOLEAN.test(text) ||
  isInteger(text) ||
  isFloat(text) ||
  DATE.test(text) ||
  TIME.test(text)

export function integerOf(text: string): number {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '')
  const value = digits === '' ? Number.NaN : Number(/^0[box]/.test(digits) ? digits : Number.parseInt(digits, 10))
  return text.startsWith('-') && value !== 0 ? -value : value
}

/** As `integerOf`, and exact where a number is not. */
export function exactIntegerOf(text: string): number | bigint {
  const value = integerOf(text)
  if (Number.isSafeInteger(value) || Number.isNaN(value)) return value
  const digits = BigInt(text.replaceAll('_', '').replace(/^[-+]/, ''))
  return text.startsWith('-') ? -digits : digits
}

export function floatOf(text: string): number {
  const digits = text.replaceAll('_', '').toLowerCase().replace(/^[-+]/, '')
  const value = digits === '.inf' ? Infinity : Number.parseFloat(digits)
  return text.startsWith('-') ? -value : value
}
