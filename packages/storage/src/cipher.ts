import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { World } from '@tenon/contract'

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const KEY_BYTES = 32

/** AES-256-GCM. `context` says what is sealed and where it belongs; it opens only under the same words. */
export function seal(key: Uint8Array, context: string, plain: Uint8Array, world: World): string {
  const nonce = world.random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
}

/** Undefined when the key or the context is another, or a byte was changed. */
export function open(key: Uint8Array, context: string, sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(context)).setAuthTag(tag)
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()])
  } catch {
    return undefined
  }
}
