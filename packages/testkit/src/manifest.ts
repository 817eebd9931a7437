import { digestBytes, digestJson, type PluginFile } from '@tenon/bundle'
import type { Manifest, PluginSpec } from '@tenon/contract'

/** The manifest of a plugin that has these files and asks for nothing. */
export const manifestOf = (
  spec: Pick<PluginSpec, 'id' | 'publisher' | 'name' | 'version' | 'runtime' | 'dependencies'>,
  files: readonly PluginFile[],
): Manifest => ({
  manifestVersion: 1,
  template: 'test',
  id: spec.id,
  ...(spec.publisher === undefined ? {} : { publisher: spec.publisher }),
  name: spec.name,
  version: spec.version,
  runtime: spec.runtime,
  entryPoints: [],
  engines: {},
  dependencies: spec.dependencies ?? {},
  optionalDependencies: {},
  ifPresent: {},
  conflicts: {},
  capabilities: [],
  operations: [],
  digests: { spec: digestJson(spec), policySnapshot: digestBytes(''), ledgerContract: digestBytes('') },
  files: Object.fromEntries(files.map(({ path, bytes }) => [path, digestBytes(bytes)])),
})
