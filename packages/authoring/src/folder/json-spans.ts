import { assert, jsonValue, pointerTo } from '@tenon/contract'

/** Where something stands in a text: from its first character to behind its last. */
export type Span = { from: number; to: number }

/** Where each value of a JSON text stands, and each key, by pointer. */
export type JsonSpans = { values: Map<string, Span>; keys: Map<string, Span> }

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/** The spans of a text that is known to be JSON. */
export function jsonSpans(text: string): JsonSpans {
  const spans: JsonSpans = { values: new Map(), keys: new Map() }
  const tokens = tokensOf(text)
  let at = 0
  const next = (): Span & { text: string } => {
    const token = tokens[at++]
    assert(token !== undefined, 'the text is JSON')
    return token
  }
  value('')
  return spans

  function value(pointer: string): void {
    const first = next()
    const last = first.text === '{' ? members(pointer) : first.text === '[' ? items(pointer) : first
    spans.values.set(pointer, { from: first.from, to: last.to })
  }

  /** Reads up to the closing bracket. */
  function members(pointer: string): Span {
    let token = next()
    for (; token.text !== '}'; token = next()) {
      if (token.text === ',') continue
      const inner = pointerTo(pointer, jsonValue(token.text) as string)
      spans.keys.set(inner, { from: token.from, to: token.to })
      next()
      value(inner)
    }
    return token
  }

  function items(pointer: string): Span {
    for (let index = 0; tokens[at]?.text !== ']'; index += 1) {
      if (tokens[at]?.text === ',') next()
      value(pointerTo(pointer, index))
    }
    return next()
  }
}

/** Where a value or a key stands that is known to be there. */
export function spanAt(spans: ReadonlyMap<string, Span>, pointer: string): Span {
  const span = spans.get(pointer)
  assert(span !== undefined, `${pointer} is there`)
  return span
}

function tokensOf(text: string): (Span & { text: string })[] {
  const tokens: (Span & { text: string })[] = []
  for (const found of text.matchAll(TOKEN))
    tokens.push({ text: found[0], from: found.index, to: found.index + found[0].length })
  return tokens
}
