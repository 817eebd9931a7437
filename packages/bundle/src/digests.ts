import { createHash, hash } from 'node:crypto'
import { canonicalJson, digestFromHex, type Digest } from '@tenon/contract'

export const digestBytes = (bytes: Uint8Array | string): Digest => digestFromHex(hash('sha256', bytes))

/** The digest of a JSON value is that of its RFC 8785 bytes. */
export const digestJson = (value: unknown): Digest => digestBytes(canonicalJson(value))

/** Hands bytes on unchanged and tells their digest and number once they have all passed. */
export function digesting(bytes: AsyncIterable<Uint8Array>): {
  bytes: AsyncIterable<Uint8Array>
  seen(): { digest: Digest; size: number }
} {
  const state = createHash('sha256')
  let size = 0
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      state.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  return { bytes: pass(), seen: () => ({ digest: digestFromHex(state.digest('hex')), size }) }
}
