import { messageOf } from '@tenon/contract'
import { isNode, LineCounter, parseDocument, visit, type Document } from 'yaml'

export type YamlPath = readonly (string | number)[]

/** What a YAML text holds, or everything that keeps it from being read, each with its line; and the line of each value. */
export type YamlText = {
  value: unknown
  faults: { line: number; message: string }[]
  lineOf(path: YamlPath): number
}

export function readYaml(text: string): YamlText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const lineOf = (path: YamlPath): number => lineAt(offsetOf(document, path))
  const faults = document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message }))
  if (faults.length > 0) return { value: undefined, faults, lineOf }
  try {
    return { value: document.toJS(), faults, lineOf }
  } catch (thrown) {
    // An alias of nothing, or of so much that it would fill the memory.
    return { value: undefined, faults: [{ line: lineAt(firstAlias(document)), message: messageOf(thrown) }], lineOf }
  }
}

/** Where a value stands in the text; what is not there stands where its holder does. */
function offsetOf(document: Document, path: YamlPath): number {
  const node = document.getIn(path, true)
  if (isNode(node) && node.range) return node.range[0]
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1))
}

function firstAlias(document: Document): number {
  let offset = 0
  visit(document, {
    Alias: (_key, { range }) => {
      offset = range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}
