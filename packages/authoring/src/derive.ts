import { join } from 'node:path'
import { digestBytes, digestJson, writeAside, type PluginFile } from '@tenon/bundle'
import {
  canonicalJson,
  prettyJson,
  TenonError,
  type Digest,
  type Disk,
  type Manifest,
  type PluginSpec,
  type Problem,
} from '@tenon/contract'
import { codeFences } from './code-fences.ts'
import { readFences, replaceFence } from './fence.ts'
import { healthcheckText } from './healthcheck.ts'
import { ledgerContract } from './ledger-contract.ts'
import { MANIFEST, readPluginFolder, requireSpec, type PluginFolder } from './plugin-folder.ts'
import { policySnapshot, readPolicyPacks, type PolicyPack } from './policy.ts'
import { readmeText } from './readme.ts'

export const TEMPLATE = 'tenon@1'

export type DerivedFile = { path: string; text: string }

/** Every derived file of a plugin: a pure function of its spec, the policy packs and what people wrote in the folder. */
export function deriveFiles(spec: PluginSpec, packs: readonly PolicyPack[], folder: PluginFolder): DerivedFile[] {
  const snapshot = policySnapshot(packs, spec)
  const files: DerivedFile[] = [
    { path: 'policy_snapshot.json', text: prettyJson(snapshot) },
    { path: 'ledger_contract.json', text: prettyJson(ledgerContract(spec)) },
    { path: 'README_PLUGIN.md', text: readmeText(spec, folder) },
    { path: 'healthcheck.md', text: healthcheckText(spec, snapshot, folder) },
    ...fencedFiles(spec, folder),
  ]
  const texts = new Map(files.map(({ path, text }) => [path, Buffer.from(text)]))
  const kept = folder.files.filter(({ path }) => path !== MANIFEST && !texts.has(path))
  const all: PluginFile[] = [...kept, ...[...texts].map(([path, bytes]) => ({ path, bytes }))]
  return [...files, { path: MANIFEST, text: prettyJson(deriveManifest(spec, all)) }]
}

/** The code files whose fences the spec implies, each with its fences made anew. */
function fencedFiles(spec: PluginSpec, folder: PluginFolder): DerivedFile[] {
  return codeFences(spec).flatMap(({ file, comment, fence }) => {
    const text = folder.text(file)
    if (text === undefined) return []
    const replaced = replaceFence(text, fence, comment)
    if (replaced === undefined) throw missingFence(file, fence.id)
    return [{ path: file, text: replaced }]
  })
}

const missingFence = (file: string, id: string): TenonError =>
  new TenonError('FENCE_BROKEN', `${file} has no fence "${id}"`, {
    hint: 'Write the lines "<auto:begin id=… gen=… sha256=…>" and "<auto:end id=…>" back, or scaffold the file again.',
  })

/** `manifest.json` for these files: all of the plugin, except itself. */
export function deriveManifest(
  spec: PluginSpec,
  files: readonly PluginFile[],
  bundled: ReadonlyMap<string, string> = new Map(),
): Manifest {
  const byPath = new Map(files.map(({ path, bytes }) => [path, bytes]))
  const jsonDigest = (path: string): Digest | null => {
    const bytes = byPath.get(path)
    return bytes === undefined ? null : digestJson(JSON.parse(Buffer.from(bytes).toString('utf8')))
  }
  const required = (path: string): Digest => jsonDigest(path) ?? digestBytes('')
  return {
    manifestVersion: 1,
    template: TEMPLATE,
    id: spec.id,
    ...(spec.publisher === undefined ? {} : { publisher: spec.publisher }),
    name: spec.name,
    version: spec.version,
    runtime: spec.runtime,
    entryPoints: codeSources(spec).map((source) => {
      const made = bundled.get(source)
      return made === undefined ? { source } : { source, bundled: made }
    }),
    engines: spec.engines ?? {},
    dependencies: spec.dependencies ?? {},
    optionalDependencies: spec.optionalDependencies ?? {},
    ifPresent: spec.ifPresent ?? {},
    conflicts: spec.conflicts ?? {},
    capabilities: (spec.permissions ?? []).map(({ capability }) => capability).toSorted(),
    operations: (spec.operations ?? []).map(({ name, input, output, sensitive }) => ({
      name,
      input: input ? jsonDigest(`schemas/${name}.in.schema.json`) : null,
      output: output ? jsonDigest(`schemas/${name}.out.schema.json`) : null,
      sensitive: sensitive === true,
    })),
    digests: {
      spec: digestJson(spec),
      policySnapshot: required('policy_snapshot.json'),
      ledgerContract: required('ledger_contract.json'),
    },
    files: Object.fromEntries(
      files
        .map(({ path, bytes }): [string, Digest] => [path, digestBytes(bytes)])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  }
}

/** The code files that `pack` turns into one JavaScript module each. */
export function codeSources(spec: PluginSpec): string[] {
  if (spec.runtime.kind === 'node') return [spec.runtime.entry]
  return spec.runtime.kind === 'map' ? spec.runtime.extensions : []
}

/** Derived files that differ from what the spec implies, and fences that were edited. */
export function driftOf(spec: PluginSpec, packs: readonly PolicyPack[], folder: PluginFolder): Problem[] {
  const edited = codeFences(spec).flatMap(({ file }) => readFences(folder.text(file) ?? '', file).problems)
  if (edited.length > 0) return edited
  return deriveFiles(spec, packs, folder)
    .filter(({ path, text }) => folder.text(path) !== text)
    .map(({ path, text }) => ({
      pointer: '',
      file: path,
      code: 'DERIVED_DRIFT',
      message: `${path} ${difference(folder.text(path), text)}`,
      hint: `Run "tenon plugin derive ${spec.id}".`,
    }))
}

/** The first line in which a file differs from what it should be. */
function difference(got: string | undefined, wanted: string): string {
  if (got === undefined) return 'is missing'
  const [left, right] = [got.split('\n'), wanted.split('\n')]
  const at = right.findIndex((line, index) => line !== left[index])
  const line = at < 0 ? right.length : at
  return `differs at line ${line + 1}: it has ${canonicalJson(left[line] ?? '')}, the spec implies ${canonicalJson(right[line] ?? '')}`
}

/** Writes what differs, each file aside and renamed, and tells which. */
export async function derive(disk: Disk, root: string, policies: string): Promise<string[]> {
  const written: string[] = []
  // A derived text may be part of another's input, as README_PLUGIN.md is of manifest.json, so the folder is read once.
  const folder = await readPluginFolder(disk, root)
  const { packs, problems } = await readPolicyPacks(disk, policies)
  if (problems.length > 0)
    throw new TenonError('POLICY_INVALID', `${policies} has ${problems.length} problem(s)`, { problems })
  for (const { path, text } of deriveFiles(requireSpec(folder), packs, folder)) {
    if (folder.text(path) === text) continue
    await writeAside(disk, join(root, path), text)
    written.push(path)
  }
  return written
}
