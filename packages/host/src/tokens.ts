import type { KeyObject } from 'node:crypto'
import { exportJWK, jwtVerify, SignJWT, type JWK } from 'jose'
import { limits, TenonError, type Digest, type World } from '@tenon/contract'

export type TokenKey = { id: Digest; privateKey: KeyObject; publicKey: KeyObject }

const ALGORITHM = 'EdDSA'
const ISSUER = 'tenon-host'

export type PluginClaims = { id: string; tokenId: string }

export type Tokens = {
  /** A registered plugin's own token. */
  forPlugin(id: string, traits: readonly string[]): Promise<{ token: string; tokenId: string }>
  /** What a forwarded call carries instead of the caller's token: good for one target and a minute. */
  forForwarding(caller: string, target: string, traits: readonly string[]): Promise<string>
  /** Reads a plugin token; throws TOKEN_INVALID for anything else. */
  readPlugin(token: string): Promise<PluginClaims>
  jwks(): Promise<{ keys: JWK[] }>
}

export function tokensOf(key: TokenKey, world: World): Tokens {
  const sign = (
    claims: Record<string, unknown>,
    subject: string,
    audience: string,
    tokenId: string,
    lifetimeMs: number,
  ) => {
    const now = Math.floor(world.now() / 1000)
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: key.id })
      .setIssuer(ISSUER)
      .setSubject(subject)
      .setAudience(audience)
      .setJti(tokenId)
      .setIssuedAt(now)
      .setExpirationTime(now + Math.ceil(lifetimeMs / 1000))
      .sign(key.privateKey)
  }
  return {
    forPlugin: async (id, traits) => {
      const tokenId = world.newId()
      return { token: await sign({ type: 'plugin', traits }, id, ISSUER, tokenId, limits.tokenLifetimeMs), tokenId }
    },
    forForwarding: (caller, target, traits) =>
      sign({ type: 'forward', traits }, caller, target, world.newId(), limits.forwardTokenLifetimeMs),
    readPlugin: (token) => readPlugin(token, key, world),
    jwks: async () => ({ keys: [{ ...(await exportJWK(key.publicKey)), kid: key.id, alg: ALGORITHM, use: 'sig' }] }),
  }
}

async function readPlugin(token: string, key: TokenKey, world: World): Promise<PluginClaims> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: ISSUER,
      currentDate: new Date(world.now()),
    })
    if (payload['type'] === 'plugin' && payload.sub !== undefined && payload.jti !== undefined)
      return { id: payload.sub, tokenId: payload.jti }
  } catch (cause) {
    throw new TenonError('TOKEN_INVALID', 'the token is no plugin token of this host', { cause })
  }
  throw new TenonError('TOKEN_INVALID', 'the token is of another kind')
}
