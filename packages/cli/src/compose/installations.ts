import { join } from 'node:path'
import { contentStore, nodeDisk } from '@tenon/bundle'
import { TenonError, type Capability, type Digest } from '@tenon/contract'
import { describeSpec } from '@tenon/contract/schema'
import type { Installations, InstalledPlugin } from '@tenon/host'
import { grantsFor, readTrust, readWorkspace } from '@tenon/installer'
import type { Locations } from './locations.ts'

export type WorkspaceInstallations = Installations & {
  /** Reads what is installed and granted anew. */
  reload(): Promise<void>
  /** A plugin with the folder of its verified files. Throws PLUGIN_UNKNOWN. */
  installed(id: string): PluginInFolder
}

export type PluginInFolder = InstalledPlugin & { folder: string }

type Read = { plugins: Map<string, PluginInFolder>; grants: Map<string, Capability[]> }

/** The plugins of a workspace, every byte of them checked as they are read. */
export async function workspaceInstallations(locations: Locations): Promise<WorkspaceInstallations> {
  let current = await readInstalled(locations)
  return {
    list: () => [...current.plugins.values()],
    get: (id) => current.plugins.get(id),
    granted: (id) => current.grants.get(id) ?? [],
    installed: (id) => current.plugins.get(id) ?? unknown(id),
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
  const plugins = new Map<string, PluginInFolder>()
  for (const [id, { digest, manifestDigest, signer }] of Object.entries(generation.plugins)) {
    const { bundle } = await store.open(digest as Digest)
    if (bundle.manifestDigest !== manifestDigest)
      throw new TenonError('BUNDLE_DIGEST_MISMATCH', `the stored ${id} is not what was installed`, {
        hint: 'Run "tenon plugin install" again.',
      })
    const files = new Map(bundle.files.map((file) => [file.path, file.bytes]))
    plugins.set(id, {
      description: describeSpec(bundle.spec),
      folder: store.folder(digest as Digest),
      manifestDigest: bundle.manifestDigest,
      signer: signer as Digest,
      modules: bundle.manifest.entryPoints.flatMap(({ bundled }) =>
        bundled === undefined ? [] : (files.get(bundled) ?? []),
      ),
      file: (path) => files.get(path),
    })
  }
  const grants = new Map([...plugins.keys()].map((id) => [id, grantsFor(id, document, trust, generation)]))
  return { plugins, grants }
}
