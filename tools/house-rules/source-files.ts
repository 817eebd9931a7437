import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rolldown/parseAst'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export type Node = { type: string; start: number; end: number; [key: string]: unknown }

export type SourceFile = { path: string; text: string; lines: number; program: Node }

const isNode = (value: unknown): value is Node =>
  value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string'

/** Source files below the root matching the globs, parsed. */
export function sourceFiles(globs: string[]): SourceFile[] {
  const paths = globs.flatMap((glob) =>
    globSync(glob, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', '**/fixtures/**'] }),
  )
  return paths.sort().map((path) => {
    const text = readFileSync(`${root}${path}`, 'utf8')
    const lang = path.endsWith('x') ? 'tsx' : path.endsWith('.mjs') ? 'js' : 'ts'
    return { path, text, lines: text.split('\n').length - 1, program: parseAst(text, { lang }) as unknown as Node }
  })
}

/** Every node of a tree, parents first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node))
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) yield* nodesOf(item)
    } else if (isNode(value)) yield* nodesOf(value)
}

export const lineAt = (file: SourceFile, offset: number): number => file.text.slice(0, offset).split('\n').length

export type Import = { from: string; typeOnly: boolean; line: number }

const FROM = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression']

/** What a file imports, re-exports included. */
export function importsOf(file: SourceFile): Import[] {
  return [...nodesOf(file.program)].flatMap((node) => {
    const source = node['source']
    if (!FROM.includes(node.type) || !isNode(source) || typeof source['value'] !== 'string') return []
    return [{ from: source['value'], typeOnly: isTypeOnly(node), line: lineAt(file, node.start) }]
  })
}

function isTypeOnly(node: Node): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true
  const specifiers = Array.isArray(node['specifiers']) ? (node['specifiers'] as Node[]) : []
  return (
    specifiers.length > 0 &&
    specifiers.every((specifier) => specifier['importKind'] === 'type' || specifier['exportKind'] === 'type')
  )
}
