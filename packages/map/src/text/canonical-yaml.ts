import { isAmbiguous } from './yaml-scalars.ts'

/**
 * The YAML text that a frontmatter hash is taken of. The specification defines it as the output of js-yaml's `dump` with
 * sorted keys, unlimited lines, no anchors and no quoting for YAML 1.1; it is written here because a hash that people
 * keep in files must not change with a library.
 */
export const canonicalYaml = (value: unknown): string => `${nodeText(value, 0, true)}\n`

/** `inline` says that the node may begin on the line of its indicator, as inside a list item. */
function nodeText(value: unknown, level: number, inline: boolean): string {
  if (typeof value === 'string') return stringText(value, level, false)
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) return value.length === 0 ? '[]' : listText(value, level, inline)
  if (value === null || typeof value !== 'object') return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? '{}' : mapText(entries, level, inline)
}

function listText(items: unknown[], level: number, inline: boolean): string {
  const lines = items.map((item) => `- ${nodeText(item, level + 1, true)}`)
  return joined(lines, level, inline)
}

function mapText(entries: [string, unknown][], level: number, inline: boolean): string {
  const lines = entries.map(([key, value]) => {
    const keyText = stringText(key, level + 1, true)
    const explicit = keyText.length > EXPLICIT_KEY_CHARS
    const valueText = nodeText(value, level + 1, explicit)
    const colon = valueText.startsWith('\n') ? ':' : ': '
    return explicit ? `? ${keyText}${lineBreak(level)}${colon}${valueText}` : `${keyText}${colon}${valueText}`
  })
  return joined(lines, level, inline)
}

const EXPLICIT_KEY_CHARS = 1_024

const joined = (lines: string[], level: number, inline: boolean): string =>
  (inline ? '' : lineBreak(level)) + lines.join(lineBreak(level))

const lineBreak = (level: number): string => `\n${'  '.repeat(level)}`

function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return Number.isInteger(value) ? text : text.replace(/^([-+]?[0-9]+)e/, '$1.e')
}

function stringText(text: string, level: number, isKey: boolean): string {
  if (text === '') return "''"
  const lines = !isKey && text.includes('\n')
  if (hasUnprintable(lines ? text.replaceAll('\n', '') : text)) return `"${escaped(text)}"`
  if (lines) return blockText(text, level)
  return isPlain(text) && !isAmbiguous(text) ? text : `'${text.replaceAll("'", "''")}'`
}

function blockText(text: string, level: number): string {
  const indicator = /^\n* /.test(text) ? '2' : ''
  const keep = text === '\n' || text.endsWith('\n\n')
  const chomp = keep ? '+' : text.endsWith('\n') ? '' : '-'
  const indented = text.replace(/^(?=[^\n])/gm, '  '.repeat(Math.max(1, level)))
  return `|${indicator}${chomp}\n${indented.replace(/\n$/, '')}`
}

/** Whether a text can stand without quotes in a block collection. */
const isPlain = (text: string): boolean =>
  !/^[\s\-?:,[\]{}#&*!|=>'"%@`]/.test(text) && !/[\s:]$/.test(text) && !/\s#|:\s/.test(text)

const UNPRINTABLE = /[^\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u

const hasUnprintable = (text: string): boolean => UNPRINTABLE.test(text)

const escaped = (text: string): string =>
  text.replace(/["\\]|[^\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/gu, escape)

const NAMED_ESCAPES: Record<string, string> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escape(character: string): string {
  const code = character.charCodeAt(0)
  const hex = code.toString(16).toUpperCase()
  return NAMED_ESCAPES[character] ?? (code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`)
}
