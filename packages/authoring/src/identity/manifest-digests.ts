import { digestJson, gitBlobs, type Repository } from '@tenon/bundle'
import { isObject, readJson, type Digest } from '@tenon/contract'
import type { GovernedPlugin } from './snapshot.ts'

/** What is sealed of a version: the digests of its manifest, and of what the manifest says of its operations. */
export type ManifestDigests = { manifest: Digest; operations: Digest }

/** The digests of the manifests of these plugins, for those whose manifest is of the version that their spec names. */
export async function manifestDigests(
  repository: Repository,
  plugins: readonly GovernedPlugin[],
): Promise<Map<GovernedPlugin, ManifestDigests>> {
  const blobs = await gitBlobs(
    repository,
    plugins.flatMap(({ manifest }) => manifest ?? []),
  )
  return new Map(
    plugins.flatMap((plugin) => {
      const digests = digestsIn(plugin, blobs.get(plugin.manifest ?? '')?.toString() ?? '')
      return digests === undefined ? [] : [[plugin, digests] as const]
    }),
  )
}

function digestsIn({ id, version }: GovernedPlugin, text: string): ManifestDigests | undefined {
  const { value, problems } = readJson(text)
  if (!isObject(value) || problems.length > 0 || value['id'] !== id || value['version'] !== version) return undefined
  const { operations = [] } = value
  return { manifest: digestJson(value), operations: digestJson(operations) }
}
