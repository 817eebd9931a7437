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
  digestHex,
  prettyJson,
  TenonError,
  type Digest,
  type Disk,
  type Envelope,
  type Manifest,
  type Statement,
} from '@tenon/contract'
import { manifestSchema, readAs, validatorOf } from '@tenon/contract/schema'
import { bundledSources } from './entry-files.ts'
import { bundledManifest } from './manifest.ts'
import { bundleModules } from './module-bundle.ts'
import { MANIFEST } from './plugin-folder.ts'
import { validatePlugin, type GateReport } from './validate.ts'

export type PackedPlugin = {
  archive: Uint8Array
  digest: Digest
  envelope: Envelope
  manifest: Manifest
  manifestDigest: Digest
}

const manifests = validatorOf(manifestSchema)

/** Validates a plugin's folder, turns its code into JavaScript, and signs the manifest of what comes out. */
export async function packPlugin(disk: Disk, root: string, policies: string, key: SigningKey): Promise<PackedPlugin> {
  const { folder, spec, gates, problems } = await validatePlugin(disk, root, policies)
  const { value: derived } = readAs(folder.text(MANIFEST) ?? '', manifests)
  if (spec === undefined || derived === undefined || problems.length > 0)
    throw new TenonError('VALIDATION_FAILED', `${root} has ${problems.length} problem(s)`, { problems })
  if (spec.version.includes('+'))
    throw new TenonError('SPEC_INVALID', `"${spec.version}" holds build metadata, which a published version must not`)
  const modules = await bundleModules(folder, bundledSources(spec))
  const manifest = bundledManifest(derived, modules)
  const files = [
    ...folder.files.filter(({ path }) => path !== MANIFEST),
    ...modules,
    { path: MANIFEST, bytes: Buffer.from(prettyJson(manifest)) },
  ]
  const { manifestDigest } = openBundle(files)
  const archive = await writeArchive(files)
  const envelope = signStatement(statementOf(manifest, gates), key)
  return { archive, digest: digestBytes(archive), envelope, manifest, manifestDigest }
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
