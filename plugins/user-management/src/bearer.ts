import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto'

export type HostKey = { kid: string | undefined; key: KeyObject }

/** How far two clocks may differ. */
const LEEWAY_S = 5

/** The Ed25519 keys of a JSON Web Key Set; keys of other kinds are not for us. */
export function readKeySet(value: unknown): HostKey[] {
  const { keys } = Object(value) as { keys?: unknown }
  if (!Array.isArray(keys)) return []
  return keys
    .map((jwk) => Object(jwk) as JsonWebKey)
    .filter(({ kty, crv }) => kty === 'OKP' && crv === 'Ed25519')
    .map((jwk) => ({
      kid: typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined,
      key: createPublicKey({ key: jwk, format: 'jwk' }),
    }))
}

/** Why a token does not show that the host sent this request to `audience`, or undefined when it does. */
export function tokenFault(token: string, keys: readonly HostKey[], audience: string, now: number): string | undefined {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  const { alg, kid } = jsonOf(header)
  if (more.length > 0 || signature === '' || alg !== 'EdDSA') return 'is no token signed with EdDSA'
  const candidates = kid === undefined ? keys : keys.filter((key) => key.kid === kid)
  const signed = Buffer.from(`${header}.${payload}`)
  if (!candidates.some(({ key }) => verify(null, signed, key, Buffer.from(signature, 'base64url'))))
    return 'is not signed by the host'
  const { aud, exp, nbf } = jsonOf(payload)
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) return 'is for someone else'
  if (typeof exp !== 'number' || exp + LEEWAY_S < now / 1000) return 'has expired'
  return typeof nbf === 'number' && nbf - LEEWAY_S > now / 1000 ? 'is not valid yet' : undefined
}

/** A part of a token; what is no object has no fields. */
function jsonOf(part: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))) as Record<string, unknown>
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {}
    throw thrown
  }
}
