import type { PluginSpec } from '@tenon/contract'
import type { Fence } from './fence.ts'

export type CodeFence = { file: string; comment: '//' | '#'; fence: Fence }

const camel = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The fences that a plugin's own code must have, by its runtime. */
export function codeFences(spec: PluginSpec): CodeFence[] {
  if (spec.runtime.kind !== 'node') return []
  return [{ file: spec.runtime.entry, comment: '//', fence: nodeEntry(spec) }]
}

/** The table of operations in a node plugin's entry. */
function nodeEntry(spec: PluginSpec): Fence {
  const names = (spec.operations ?? []).map(({ name }) => name)
  const imports = names.map((name) => `import { ${camel(name)} } from './${name}.ts'`)
  const operations = names.map((name) => (camel(name) === name ? name : `${name}: ${camel(name)}`)).join(', ')
  const body = [
    `import { definePlugin } from '@tenon/sdk'`,
    ...imports,
    '',
    `export default definePlugin({ operations: { ${operations} } })`,
  ]
  return { id: 'operations', generator: 'node@1', body: body.join('\n') }
}

export const operationFunction = camel
