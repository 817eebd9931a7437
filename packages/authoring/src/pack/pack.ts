import { join } from 'node:path'
import {
  digestBytes,
  digestJson,
  openBundle,
  signStatement,
  writeArchive,
  writeAside,
  type SigningKey,
} from '@tenon/bundle'
import {
  assert,
  digestHex,
  prettyJson,
  TenonError,
  type Digest,
  type Disk,
  type Envelope,
  type Manifest,
  type PluginSpec,
  type Statement,
} from '@tenon/contract'
import { bundledManifest, manifestOf } from '../derive/manifest.ts'
import type { Release } from '../contract/releases.ts'
import { codeModules } from './module-bundle.ts'
import { MANIFEST, type PluginFolder } from '../folder/plugin-folder.ts'
import { validatePlugin, type GateReport } from '../gates/validate.ts'

/** A plugin as it is published, not signed yet. */
export type BuiltPlugin = {
  archive: Uint8Array
  digest: Digest
  manifest: Manifest
  manifestDigest: Digest
}

export type PackedPlugin = BuiltPlugin & { envelope: Envelope }

/** What a plugin is packed by: the folder of its policies, the moment (ms since the epoch), what of it was released, and its publisher's key. */
export type PackedBy = { policies: string; at: number; releases?: readonly Release[]; key: SigningKey }

/** Validates a plugin's folder, turns its code into JavaScript, and signs the manifest of what comes out. */
export async function packPlugin(
  disk: Disk,
  root: string,
  { policies, at, releases = [], key }: PackedBy,
): Promise<PackedPlugin> {
  const { folder, spec, gates, problems } = await validatePlugin(disk, root, policies, at, releases)
  if (spec === undefined || problems.length > 0)
    throw new TenonError('VALIDATION_FAILED', `${root} has ${problems.length} problem(s)`, { problems })
  const built = await builtPlugin(folder, spec)
  return { ...built, envelope: signStatement(statementOf(built.manifest, gates), key) }
}

/** Turns the code of a folder that validates into JavaScript, and makes the archive of it all. */
export async function builtPlugin(folder: PluginFolder, spec: PluginSpec): Promise<BuiltPlugin> {
  const derived = manifestOf(folder)
  assert(derived !== undefined, 'a folder that validates has a manifest')
  if (spec.version.includes('+'))
    throw new TenonError('SPEC_INVALID', `"${spec.version}" holds build metadata, which a published version must not`)
  const modules = await codeModules(folder, spec)
  const manifest = bundledManifest(derived, modules)
  const files = [
    ...folder.files.filter(({ path }) => path !== MANIFEST),
    ...modules,
    { path: MANIFEST, bytes: Buffer.from(prettyJson(manifest)) },
  ]
  const { manifestDigest } = openBundle(files)
  const archive = await writeArchive(files)
  return { archive, digest: digestBytes(archive), manifest, manifestDigest }
}

const statementOf = (manifest: Manifest, gates: readonly GateReport[]): Statement => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: `${manifest.id}@${manifest.version}`, digest: { sha256: digestHex(digestJson(manifest)) } }],
  predicateType: 'urn:tenon:certification:1',
  predicate: {
    plugin: manifest.id,
    version: manifest.version,
    gates: gates.map(({ gate, checked, problems }) => ({ gate, checked, problems: problems.length })),
  },
})

/** Writes the bundle and its envelope into a folder and tells their paths. */
export async function writePacked(
  disk: Disk,
  folder: string,
  packed: PackedPlugin,
): Promise<{ archive: string; envelope: string }> {
  const name = `${packed.manifest.id}-${packed.manifest.version}`
  const paths = { archive: join(folder, `${name}.tgz`), envelope: join(folder, `${name}.dsse.json`) }
  await writeAside(disk, paths.archive, packed.archive)
  await writeAside(disk, paths.envelope, prettyJson(packed.envelope))
  return paths
}
