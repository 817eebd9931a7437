import { extname } from 'node:path'
import type { PluginSpec } from '@tenon/contract'
import type { Fence } from './fence.ts'

export type CodeFence = { file: string; comment: '//' | '#'; fence: Fence }

/** Words that a module of JavaScript may not give to a function. */
const RESERVED = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)

/** The name of the function that an operation has in code. No two operations have the same. */
export function operationFunction(operation: string): string {
  const name = operation.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return RESERVED.has(name) ? `${name}Operation` : name
}

/** The fences that a plugin's own code must have, by its runtime. */
export const codeFences = (spec: PluginSpec): CodeFence[] =>
  spec.runtime.kind === 'node'
    ? [{ file: spec.runtime.entry, comment: '//', fence: operationsFence(spec, spec.runtime.entry) }]
    : []

/** The table of operations in a node plugin's entry. Each operation has a file of its own beside it. */
export function operationsFence(spec: PluginSpec, entry: string): Fence {
  const names = (spec.operations ?? []).map(({ name }) => name)
  const imports = names.map((name) => `import { ${operationFunction(name)} } from './${name}${extname(entry)}'`)
  const operations = names.map((name) =>
    operationFunction(name) === name ? name : `${name}: ${operationFunction(name)}`,
  )
  const body = [
    `import { definePlugin } from '@tenon/sdk'`,
    ...imports,
    '',
    `export default definePlugin({ operations: { ${operations.join(', ')} } })`,
  ]
  return { id: 'operations', generator: 'node@1', body: body.join('\n') }
}
