import { TenonError } from '@tenon/contract'
import type { PackageSource } from '@tenon/installer'
import { registryClient } from '@tenon/registry/client'

/** A registry over HTTP, as the installer needs it. */
export function httpSource(url: string | undefined): PackageSource {
  if (url === undefined)
    throw new TenonError('REGISTRY_UNREACHABLE', 'no registry is named', {
      hint: 'Set TENON_REGISTRY_URL, or give --registry.',
    })
  const client = registryClient({ url })
  return {
    url,
    releases: (id) => client.releases(id),
    artifact: (digest) => client.artifact(digest),
    revocations: (etag) => client.revocations(etag),
    key: (keyId) => client.key(keyId),
  }
}
