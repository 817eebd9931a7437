import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { newPlugin, packPlugin } from '@tenon/authoring'
import { newSigningKey, nodeDisk } from '@tenon/bundle'
import type { Digest } from '@tenon/contract'
import { applyPlan, planInstall, readWorkspace, type OfferedRelease, type PackageSource } from '@tenon/installer'
import { releaseOf } from '@tenon/resolver'
import { interleaved, timed, type Bench } from './trials.ts'

const PLUGINS = 10
const RUNTIME = { tenon: '0.1.0', node: process.versions.node }

/** Plan, checks of digest, content and signature, and every flush to the disk; only the download is not there. */
export const install: Bench = async (folder, { trials }) => {
  const source = await shelf(folder)
  const workspace = join(folder, 'workspace')
  await nodeDisk.makeFolder(workspace)
  const add = Object.fromEntries([...source.offers.keys()].map((id) => [id, '*']))
  const machine = { home: folder, newId: () => randomUUID() }
  const installAll = async (): Promise<void> => {
    const plan = await planInstall(await readWorkspace(nodeDisk, workspace), { source, add, runtime: RUNTIME })
    await applyPlan(nodeDisk, { folder: workspace, machine }, plan, { source, revocations: [] })
  }
  await installAll()
  return interleaved([{ name: 'plan and apply', trial: timed(installAll) }], trials)
}

type Shelf = PackageSource & { offers: Map<string, OfferedRelease> }

/** A registry in memory. */
async function shelf(folder: string): Promise<Shelf> {
  const key = newSigningKey()
  const offers = new Map<string, OfferedRelease>()
  const archives = new Map<Digest, Uint8Array>()
  const policies = join(folder, 'policies')
  await nodeDisk.makeFolder(policies)
  for (let index = 0; index < PLUGINS; index += 1) {
    const id = `plugin-${index}`
    const { root } = await newPlugin(nodeDisk, folder, policies, { id, kind: 'node', publisher: 'acme' })
    const { archive, digest, envelope, manifest } = await packPlugin(nodeDisk, root, { policies, at: 0, key })
    archives.set(digest, archive)
    offers.set(id, { ...releaseOf(manifest, false), publisher: 'acme', digest, envelope })
  }
  return {
    offers,
    url: 'http://127.0.0.1:1/registry',
    revocations: async () => ({ revocations: [], etag: 'none' }),
    releases: async (id) => [offers.get(id)].filter((offer) => offer !== undefined),
    artifact: async (digest) =>
      (async function* () {
        yield archives.get(digest) ?? new Uint8Array()
      })(),
    key: async (keyId) => (keyId === key.id ? { publicKey: key.publicKey, publishers: ['acme'] } : undefined),
  }
}
