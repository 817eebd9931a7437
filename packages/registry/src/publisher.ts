import { digestBytes } from '@tenon/bundle'
import { isPluginId, TenonError, type Audit, type World } from '@tenon/contract'
import type { Incoming } from '@tenon/http'
import type { RegistryStore } from './store.ts'

/** Who writes to a registry. */
export type Publisher = { kind: 'publisher'; publisher: string }
/** Who runs a registry, and lets publishers in. */
export type Operator = { kind: 'operator' }
export type RegistryPrincipal = Publisher | Operator

/** Says whether a token is the operator's. */
export type IsOperator = (token: string) => Promise<boolean>

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

export async function authenticate(
  store: RegistryStore,
  isOperator: IsOperator,
  { headers }: Incoming,
): Promise<RegistryPrincipal> {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const publisher = token === undefined ? undefined : await store.publisherOf(digestBytes(token))
  if (publisher !== undefined) return { kind: 'publisher', publisher }
  if (token !== undefined && (await isOperator(token))) return { kind: 'operator' }
  throw new TenonError('TOKEN_INVALID', token === undefined ? 'there is no token' : 'the token is not known here', {
    hint: 'Send a publisher token of this registry as "Authorization: Bearer <token>".',
  })
}

export type OperatorPorts = { store: RegistryStore; audit: Audit; world: World }

/**
 * Makes the operator's token of a registry if there is none yet, or a new one in the place of that which is lost; it is
 * told once and only its digest is kept.
 */
export async function makeOperatorToken(
  { store, audit, world }: OperatorPorts,
  replacing = false,
): Promise<string | undefined> {
  const isFirst = (await store.operator()) === undefined
  const token = `tno_${Buffer.from(world.random(TOKEN_BYTES)).toString('base64url')}`
  if (!(await store.putOperator(digestBytes(token), replacing))) return undefined
  await audit.record({
    ...{ actor: 'registry', action: 'operator.token', target: 'operator', decision: 'allow' },
    ...{ reason: isFirst ? 'made' : 'replaced', traceId: world.newId() },
  })
  return token
}

export const isOperatorToken = async (store: RegistryStore, token: string): Promise<boolean> =>
  (await store.operator()) === digestBytes(token)
