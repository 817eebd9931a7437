import { join } from 'node:path'
import {
  digestBytes,
  digestJson,
  openBundle,
  signStatement,
  writeArchive,
  writeAside,
  type PluginFile,
  type SigningKey,
} from '@tenon/bundle'
import {
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
import { codeSources, deriveManifest } from './derive.ts'
import { bundleModules } from './module-bundle.ts'
import { MANIFEST, readPluginFolder } from './plugin-folder.ts'
import { validatePlugin, type GateReport } from './validate.ts'

export type PackedPlugin = {
  archive: Uint8Array
  digest: Digest
  envelope: Envelope
  manifest: Manifest
  manifestDigest: Digest
}

/** Validates a plugin's folder, turns its code into JavaScript, and signs the manifest of what comes out. */
export async function packPlugin(disk: Disk, root: string, policies: string, key: SigningKey): Promise<PackedPlugin> {
  const { spec, gates, problems } = await validatePlugin(disk, root, policies)
  if (spec === undefined || problems.length > 0)
    throw new TenonError('VALIDATION_FAILED', `${root} has ${problems.length} problem(s)`, { problems })
  if (spec.version.includes('+'))
    throw new TenonError('SPEC_INVALID', `"${spec.version}" holds build metadata, which a published version must not`)
  const folder = await readPluginFolder(disk, root)
  const sources = folder.files.filter(({ path }) => path !== MANIFEST)
  const modules = await bundleModules(root, codeSources(spec))
  const files = [...sources, ...modules.map(({ path, bytes }) => ({ path, bytes }))]
  const manifest = deriveManifest(spec, files, new Map(modules.map(({ source, path }) => [source, path])))
  return seal(spec, manifest, files, gates, key)
}

async function seal(
  spec: PluginSpec,
  manifest: Manifest,
  files: PluginFile[],
  gates: GateReport[],
  key: SigningKey,
): Promise<PackedPlugin> {
  const packed = [...files, { path: MANIFEST, bytes: Buffer.from(prettyJson(manifest)) }]
  const { manifestDigest } = openBundle(packed)
  const archive = await writeArchive(packed)
  const envelope = signStatement(statementOf(spec, manifest, gates), key)
  return { archive, digest: digestBytes(archive), envelope, manifest, manifestDigest }
}

const statementOf = (spec: PluginSpec, manifest: Manifest, gates: GateReport[]): Statement => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: `${spec.id}@${spec.version}`, digest: { sha256: digestHex(digestJson(manifest)) } }],
  predicateType: 'urn:tenon:certification:1',
  predicate: {
    plugin: spec.id,
    version: spec.version,
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
