import { digestBytes, digestJson, type PluginFile } from '@tenon/bundle'
import { readJson, type Digest, type Manifest, type PluginSpec } from '@tenon/contract'
import { manifestSchema, readAs, validatorOf } from '@tenon/contract/schema'
import { entryFiles } from '../folder/entry-files.ts'
import { fileDigest } from '../folder/file-digest.ts'
import { jsonOf } from '../folder/json-file.ts'
import { MANIFEST, type PluginFolder } from '../folder/plugin-folder.ts'
import { readOnce } from '../folder/read-once.ts'
import { TEMPLATE } from '../scaffold/skeletons.ts'
import type { PolicySnapshot } from '../policy/policy-snapshot.ts'

/** The derived documents whose digests a manifest gives beside those of the files. */
export type DerivedDocuments = { policySnapshot: PolicySnapshot; ledgerContract: object }

/** `manifest.json` for these files: all of the plugin, except itself. */
export function deriveManifest(
  spec: PluginSpec,
  { policySnapshot, ledgerContract }: DerivedDocuments,
  files: readonly PluginFile[],
  generated: readonly string[],
): Manifest {
  const byPath = new Map(files.map((file) => [file.path, file]))
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
    files: Object.fromEntries(files.map((file) => [file.path, fileDigest(file)])),
    generated: generated.toSorted(),
  }
}

const manifests = validatorOf(manifestSchema)

/** The manifest that a folder has, if it is one. */
export const manifestOf = (folder: PluginFolder): Manifest | undefined => readManifest(folder, MANIFEST)

const readManifest = readOnce((folder, path) => readAs(folder.text(path) ?? '', manifests).value)

const NO_JSON = readJson('')

/** None for a schema that is not there or no JSON yet; a gate names it, so that no such manifest is ever packed. */
function jsonDigest(file: PluginFile | undefined): Digest | null {
  const { value, problems } = file === undefined ? NO_JSON : jsonOf(file)
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
