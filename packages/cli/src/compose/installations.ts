import { join } from 'node:path'
import { contentStore, nodeDisk, type ContentStore, type PluginFile, type StoredBundle } from '@tenon/bundle'
import { TenonError, type Capability, type Digest, type World } from '@tenon/contract'
import { describeSpec } from '@tenon/contract/schema'
import type { Installations, InstalledPlugin } from '@tenon/host'
import {
  findingsOf,
  grantsFor,
  readTrust,
  readTrustedKeys,
  readWorkspace,
  staleness,
  subjectOf,
  verifyInstalled,
  type InstalledBundle,
  type InstalledEntry,
} from '@tenon/installer'
import type { Locations } from './locations.ts'
import { mustBeCertified } from './must-be-certified.ts'
import type { RevocationWatch } from './revocation-watch.ts'

export type WorkspaceInstallations = Installations & {
  /** Reads what is installed and granted anew. */
  reload(): Promise<void>
  /** A plugin with all of its files, as they were verified last. Throws PLUGIN_UNKNOWN. */
  installed(id: string): PluginInFolder
}

/** The folder lies in the store, and may have changed since; `files` are what was verified. */
export type PluginInFolder = InstalledPlugin & { folder: string; files: readonly PluginFile[] }

/** What a generation says of a plugin, and what was found when that was last checked; nothing while it is not sound. */
type Kept = { entry: InstalledEntry; found?: { bundle: InstalledBundle; plugin: PluginInFolder } }

type Read = { store: ContentStore; kept: Map<string, Kept>; grants: Map<string, Capability[]> }

/**
 * The plugins of a workspace. Every byte is checked when it is read and held from then on: what runs is made of those
 * bytes, and a plugin whose files are no longer the same is read and checked anew.
 */
export async function workspaceInstallations(
  world: World,
  locations: Locations,
  watch: RevocationWatch,
): Promise<WorkspaceInstallations> {
  const isDemanded = mustBeCertified(world)
  let current = await readInstalled(locations)
  const plugin = (id: string): PluginInFolder | undefined => current.kept.get(id)?.found?.plugin
  return {
    ids: () => [...current.kept.keys()],
    list: () => [...current.kept.values()].flatMap(({ found }) => found?.plugin ?? []),
    get: plugin,
    granted: (id) => current.grants.get(id) ?? [],
    installed: (id) => plugin(id) ?? unknown(id),
    verify: async (id) => {
      const kept = current.kept.get(id) ?? unknown(id)
      const found = await verified(locations, current.store, id, kept)
      kept.found = found
      const { registry } = kept.entry
      const { revocations, heard } = await watch.known(registry)
      const subject = subjectOf(found.bundle, kept.entry)
      const findings = [...findingsOf(subject, revocations, isDemanded), ...staleness(registry, heard, world.now())]
      return { plugin: found.plugin, byOperator: found.bundle.byOperator, findings }
    },
    reload: async () => {
      current = await readInstalled(locations)
    },
  }
}

function unknown(id: string): never {
  throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`, { hint: 'Run "tenon plugin install" first.' })
}

async function readInstalled(locations: Locations): Promise<Read> {
  const { document, generation, tenonFolder } = await readWorkspace(nodeDisk, locations.workspace)
  const store = contentStore(nodeDisk, join(tenonFolder, 'store'))
  const trust = await readTrust(nodeDisk, locations.home)
  const kept = new Map<string, Kept>()
  for (const [id, entry] of Object.entries(generation.plugins))
    kept.set(id, await firstRead(locations, store, id, entry))
  const grants = new Map([...kept.keys()].map((id) => [id, grantsFor(id, document, trust, generation)]))
  return { store, kept, grants }
}

/** A plugin that is not sound keeps none of the others from being used. What is wrong is told when it is to run. */
async function firstRead(locations: Locations, store: ContentStore, id: string, entry: InstalledEntry): Promise<Kept> {
  try {
    return { entry, found: await verified(locations, store, id, { entry }) }
  } catch (thrown) {
    if (thrown instanceof TenonError) return { entry }
    throw thrown
  }
}

async function verified(
  { home }: Locations,
  store: ContentStore,
  id: string,
  { entry, found }: Kept,
): Promise<NonNullable<Kept['found']>> {
  const keys = await readTrustedKeys(nodeDisk, home)
  const bundle = await verifyInstalled({ store, keys }, id, entry, found?.bundle)
  const isSame = found !== undefined && found.bundle.stored === bundle.stored
  return { bundle, plugin: isSame ? found.plugin : pluginOf(bundle, entry, store.folder(entry.digest as Digest)) }
}

function pluginOf(
  { stored, attestation }: InstalledBundle,
  { signer }: InstalledEntry,
  folder: string,
): PluginInFolder {
  const { spec, manifest, manifestDigest, files }: StoredBundle['bundle'] = stored.bundle
  const byPath = new Map(files.map((file) => [file.path, file.bytes]))
  return {
    description: describeSpec(spec),
    ...{ manifestDigest, signer: signer as Digest, folder, files },
    gates: attestation.gates.map(({ gate, checked, problems }) => ({ gate, checked, problems })),
    modules: manifest.entryPoints.flatMap(({ bundled }) =>
      files.filter(({ path }) => path === bundled).map(({ bytes }) => bytes),
    ),
    file: (path) => byPath.get(path),
  }
}
