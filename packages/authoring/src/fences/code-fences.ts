import { extname } from 'node:path'
import type { PluginSpec } from '@tenon/contract'
import { operationFunction } from './code-names.ts'
import type { Fence } from './fence.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { typesFence, typesFile } from './plugin-types.ts'

/** `isMade` says that the file is made where it is missing: nothing of it is anybody's own. */
export type CodeFence = { file: string; comment: '//' | '#'; fence: Fence; isMade: boolean }

/** The code files of which nothing is anybody's own. */
export function madeFiles({ runtime }: PluginSpec): string[] {
  const types = runtime.kind === 'node' ? typesFile(runtime.entry) : undefined
  return types === undefined ? [] : [types]
}

/** The fences that a plugin's own code must have, by its runtime. */
export function codeFences(spec: PluginSpec, folder: PluginFolder): CodeFence[] {
  if (spec.runtime.kind !== 'node') return []
  const { entry } = spec.runtime
  const types = typesFile(entry)
  const fence = (file: string, made: Fence, isMade: boolean): CodeFence => ({
    file,
    comment: '//',
    fence: made,
    isMade,
  })
  return [
    fence(entry, operationsFence(spec, entry), false),
    ...(types === undefined ? [] : [fence(types, typesFence(spec, folder), true)]),
  ]
}

/** The table of operations in a node plugin's entry. Each operation has a file of its own beside it. */
export function operationsFence(spec: PluginSpec, entry: string): Fence {
  const names = (spec.operations ?? []).map(({ name }) => name)
  const imports = names.map((name) => `import { ${operationFunction(name)} } from './${name}${extname(entry)}'`)
  const operations = names.map((name) =>
    operationFunction(name) === name ? name : `${name}: ${operationFunction(name)}`,
  )
  const table = operations.length === 0 ? '{}' : `{ ${operations.join(', ')} }`
  const body = [...imports, ...(imports.length === 0 ? [] : ['']), `const operations = ${table}`]
  return { id: 'operations', generator: 'node@2', body: body.join('\n') }
}
