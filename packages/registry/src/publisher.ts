import { digestBytes } from '@tenon/bundle'
import { isPluginId, TenonError, type World } from '@tenon/contract'
import type { Incoming } from '@tenon/http'
import type { RegistryStore } from './store.ts'

/** Who writes to a registry. */
export type Publisher = { kind: 'publisher'; publisher: string }

const TOKEN_BYTES = 32

/** Makes a token for a publisher. It is told once; the registry keeps only its digest. */
export async function createPublisherToken(store: RegistryStore, world: World, publisher: string): Promise<string> {
  if (!isPluginId(publisher))
    throw new TenonError('REFERENCE_INVALID', `"${publisher}" is no publisher`, {
      hint: 'A publisher is lower-case words joined by "-", at most 64 letters.',
    })
  const token = `tnp_${Buffer.from(world.random(TOKEN_BYTES)).toString('base64url')}`
  await store.addToken({ hash: digestBytes(token), publisher, createdAt: world.now() })
  return token
}

export async function authenticatePublisher(store: RegistryStore, { headers }: Incoming): Promise<Publisher> {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const publisher = token === undefined ? undefined : await store.publisherOf(digestBytes(token))
  if (publisher !== undefined) return { kind: 'publisher', publisher }
  throw new TenonError('TOKEN_INVALID', token === undefined ? 'there is no token' : 'the token is not known here', {
    hint: 'Send a publisher token of this registry as "Authorization: Bearer <token>".',
  })
}
