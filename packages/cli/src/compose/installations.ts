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
  /** The folder with the verified files of an installed plugin. */
  folderOf(id: string): string
}

type Read = { plugins: Map<string, InstalledPlugin & { digest: Digest }>; grants: Map<string, Capability[]> }

/** The plugins of a workspace, every byte of them checked as they are read. */
export async function workspaceInstallations(locations: Locations): Promise<WorkspaceInstallations> {
  const store = contentStore(nodeDisk, join(locations.workspace, '.tenon/store'))
  let current = await readInstalled(locations)
  return {
    list: () => [...current.plugins.values()],
    get: (id) => current.plugins.get(id),
    granted: (id) => current.grants.get(id) ?? [],
    folderOf: (id) => store.folder(current.plugins.get(id)?.digest ?? unknown(id)),
    reload: async () => {
      current = await readInstalled(locations)
    },
  }
}

function unknown(id: string): never {
  throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`, { hint: 'Run "tenon plugin list".' })
}

async function readInstalled(locations: Locations): Promise<Read> {
  const { document, generation, tenonFolder } = await readWorkspace(nodeDisk, locations.workspace)
  const store = contentStore(nodeDisk, join(tenonFolder, 'store'))
  const trust = await readTrust(nodeDisk, locations.home)
  const plugins = new Map<string, InstalledPlugin & { digest: Digest }>()
  for (const [id, { digest, manifestDigest, signer }] of Object.entries(generation.plugins)) {
    const { bundle } = await store.open(digest as Digest)
    if (bundle.manifestDigest !== manifestDigest)
      throw new TenonError('BUNDLE_DIGEST_MISMATCH', `the stored ${id} is not what was installed`, {
        hint: 'Run "tenon plugin install" again.',
      })
    const files = new Map(bundle.files.map((file) => [file.path, file.bytes]))
    plugins.set(id, {
      description: describeSpec(bundle.spec),
      digest: digest as Digest,
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
