import { jsonSpans, spanAt, type Span } from './json-spans.ts'

/** A change of a JSON text that leaves alone how the rest of it is laid out. */
export type JsonEdit =
  | { at: string; value: string }
  | { at: string; key: string }
  | { at: string; isGone: true }
  | { at: string; appended: object }

/** The text with its edits done, one after the other; each pointer is one of the text as the edits before left it. */
export const editJson = (text: string, edits: readonly JsonEdit[]): string => edits.reduce(edited, text)

function edited(text: string, edit: JsonEdit): string {
  const { values, keys } = jsonSpans(text)
  const span = spanAt(values, edit.at)
  if ('value' in edit) return replaced(text, span, JSON.stringify(edit.value))
  if ('appended' in edit) return appended(text, edit.at, span, edit.appended)
  if ('key' in edit) return replaced(text, spanAt(keys, edit.at), JSON.stringify(edit.key))
  return without(text, { from: (keys.get(edit.at) ?? span).from, to: span.to })
}

const replaced = (text: string, { from, to }: Span, by: string): string =>
  `${text.slice(0, from)}${by}${text.slice(to)}`

/** Takes an item or a member out, with the comma and the space that parted it from its neighbour. */
function without(text: string, { from, to }: Span): string {
  const [before, after] = [text.slice(0, from), text.slice(to)]
  if (/,\s*$/.test(before)) return before.replace(/,\s*$/, '') + after
  return /^\s*,/.test(after) ? before + after.replace(/^\s*,\s*/, '') : before.trimEnd() + after.trimStart()
}

/** Puts an item at the end of a list, laid out like the one before it. */
function appended(text: string, at: string, list: Span, item: object): string {
  const { values } = jsonSpans(text)
  const items = [...values].filter(([pointer]) => new RegExp(`^${at}/\\d+$`).test(pointer))
  const last = items.at(-1)?.[1]
  const indent = indentAt(text, last?.from ?? list.from)
  if (last === undefined) {
    const inner = `${indent}  `
    return replaced(text, list, `[\n${inner}${block(item, inner)}\n${indent}]`)
  }
  const isOnOwnLine = /\n[ \t]*$/.test(text.slice(0, last.from))
  const written = text.slice(last.from, last.to).includes('\n') ? block(item, indent) : line(item)
  return replaced(text, { from: last.to, to: last.to }, `,${isOnOwnLine ? `\n${indent}` : ' '}${written}`)
}

const indentAt = (text: string, at: number): string =>
  text.slice(text.lastIndexOf('\n', at) + 1, at).replace(/[^ \t][^]*/, '')

const block = (item: object, indent: string): string => JSON.stringify(item, null, 2).replaceAll('\n', `\n${indent}`)

/** On one line, as people write it. */
const line = (item: object): string => JSON.stringify(item, null, 1).replaceAll(/\n\s*/g, ' ')
