import { parseAst } from 'rolldown/parseAst'

/** Where the work of each `if` of a source begins that is done when its condition holds, by where the `if` begins. */
export function consequentsOf(text: string): Map<number, number> {
  const found = new Map<number, number>()
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return
    if (isIf(node)) found.set(node.start, node.consequent.start)
    for (const part of Object.values(node)) visit(part)
  }
  visit(parseAst(text, { lang: 'ts' }))
  return found
}

const isIf = (node: object): node is { start: number; consequent: { start: number } } =>
  'type' in node && node.type === 'IfStatement'
