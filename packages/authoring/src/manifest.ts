import { digestBytes, digestJson, type PluginFile } from '@tenon/bundle'
import { readJson, type Digest, type Manifest, type PluginSpec } from '@tenon/contract'
import { entryFiles } from './entry-files.ts'
import type { PolicySnapshot } from './policy-snapshot.ts'

export const TEMPLATE = 'tenon@1'

/** The derived documents whose digests a manifest gives beside those of the files. */
export type DerivedDocuments = { policySnapshot: PolicySnapshot; ledgerContract: object }

/** `manifest.json` for these files: all of the plugin, except itself. */
export function deriveManifest(
  spec: PluginSpec,
  { policySnapshot, ledgerContract }: DerivedDocuments,
  files: readonly PluginFile[],
): Manifest {
  const byPath = new Map(files.map(({ path, bytes }) => [path, bytes]))
  return {
    manifestVersion: 1,
    template: TEMPLATE,
    id: spec.id,
    ...(spec.publisher === undefined ? {} : { publisher: spec.publisher }),
    name: spec.name,
    version: spec.version,
    runtime: spec.runtime,
    entryPoints: entryFiles(spec, (path) => byPath.has(path)).map((source) => ({ source })),
    engines: spec.engines ?? {},
    dependencies: spec.dependencies ?? {},
    optionalDependencies: spec.optionalDependencies ?? {},
    ifPresent: spec.ifPresent ?? {},
    conflicts: spec.conflicts ?? {},
    capabilities: (spec.permissions ?? []).map(({ capability }) => capability).toSorted(),
    operations: (spec.operations ?? []).map(({ name, input, output, sensitive = false }) => ({
      name,
      input: input ? jsonDigest(byPath.get(`schemas/${name}.in.schema.json`)) : null,
      output: output ? jsonDigest(byPath.get(`schemas/${name}.out.schema.json`)) : null,
      sensitive,
    })),
    digests: {
      spec: digestJson(spec),
      policySnapshot: digestJson(policySnapshot),
      ledgerContract: digestJson(ledgerContract),
    },
    files: Object.fromEntries(files.map(({ path, bytes }) => [path, digestBytes(bytes)])),
  }
}

/** None for a schema that is not there or no JSON yet; a gate names it, so that no such manifest is ever packed. */
function jsonDigest(bytes: Uint8Array | undefined): Digest | null {
  const { value, problems } = readJson(Buffer.from(bytes ?? []).toString('utf8'))
  return value === undefined || problems.length > 0 ? null : digestJson(value)
}

/** The manifest of a bundle, which also holds the module that each of some sources became. */
export function bundledManifest(derived: Manifest, modules: readonly (PluginFile & { source: string })[]): Manifest {
  const moduleOf = new Map(modules.map(({ source, path }) => [source, path]))
  return {
    ...derived,
    entryPoints: derived.entryPoints.map(({ source }) => {
      const bundled = moduleOf.get(source)
      return bundled === undefined ? { source } : { source, bundled }
    }),
    files: { ...derived.files, ...Object.fromEntries(modules.map(({ path, bytes }) => [path, digestBytes(bytes)])) },
  }
}
