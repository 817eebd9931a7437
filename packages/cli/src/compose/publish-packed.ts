import { readFile } from 'node:fs/promises'
import { digestBytes, openBundle, publicKeyText, readArchive } from '@tenon/bundle'
import { parseJson, TenonError, type Digest, type World } from '@tenon/contract'
import { envelopeSchema, validatorOf } from '@tenon/contract/schema'
import { registryClient } from '@tenon/registry/client'
import type { Packed } from './pack-folder.ts'
import { locationsOf, type LocationFlags } from './locations.ts'
import { publisherKey } from './machine-keys.ts'

type Publishable = Pick<Packed, 'archive' | 'envelope' | 'digest' | 'key'> & {
  manifest: { id: string; version: string }
}

const envelopes = validatorOf(envelopeSchema)

/** A bundle that was written before, with the envelope beside it. What of it is not in order, the registry says. */
export async function writtenBundle(world: World, flags: LocationFlags, path: string): Promise<Publishable> {
  const beside = path.replace(/\.tgz$/, '.dsse.json')
  const [archive, text] = await Promise.all([path, beside].map((file) => readFile(file).catch(unreadable(file))))
  const envelope = parseJson(String(text), beside)
  const problems = envelopes.problems(envelope)
  if (archive === undefined || !envelopes.is(envelope))
    throw new TenonError('BUNDLE_SIGNATURE_INVALID', `${beside} is malformed`, { problems })
  const { manifest } = openBundle(await readArchive(archive))
  const key = await publisherKey(locationsOf(world, flags).home, manifest.publisher ?? 'local')
  return { archive, envelope, digest: digestBytes(archive), key, manifest }
}

const unreadable =
  (file: string) =>
  (cause: unknown): never => {
    throw new TenonError('USAGE', `the file ${file} cannot be read`, { cause })
  }

export type Published = { id: string; version: string; digest: Digest; registry: string }

/** Publishes a bundle, after the registry knows the key that signed it. */
export async function publishPacked(to: { registry: string; token: string }, packed: Publishable): Promise<Published> {
  const { manifest, archive, envelope, digest, key } = packed
  const client = registryClient({ url: to.registry, token: to.token })
  await client.addKey(publicKeyText(key.publicKey))
  await client.publish(manifest.id, archive, envelope)
  return { id: manifest.id, version: manifest.version, digest, registry: to.registry }
}
