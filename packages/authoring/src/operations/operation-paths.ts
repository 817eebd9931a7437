import { dirname, extname, join } from 'node:path/posix'
import type { PluginSpec } from '@tenon/contract'
import type { PluginFolder } from '../folder/plugin-folder.ts'

/** Where the files of an operation are that bear its name. */
export function operationPaths({ runtime }: PluginSpec, name: string): string[] {
  const source = runtime.kind === 'node' ? [join(dirname(runtime.entry), `${name}${extname(runtime.entry)}`)] : []
  return [
    `schemas/${name}.in.schema.json`,
    `schemas/${name}.out.schema.json`,
    `examples/${name}_request.json`,
    `examples/${name}_response.json`,
    ...['ts', 'mjs', 'js', 'py'].map((end) => `tests/test_${name}.${end}`),
    `conformance/perf/${name}.perf.json`,
    `conformance/behavior/${name}.feature`,
    ...source,
  ]
}

/** Documents beside the examples of an operation, named after its schemas. */
export const fixturePaths = (folder: PluginFolder, name: string): string[] =>
  folder.files
    .map(({ path }) => path)
    .filter((path) => ['in', 'out'].some((side) => path.startsWith(`conformance/examples/${name}.${side}.`)))

export const presentPaths = (folder: PluginFolder, paths: readonly string[]): string[] =>
  paths.filter((path) => folder.text(path) !== undefined)
