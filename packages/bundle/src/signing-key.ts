import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { digestFromHex, TenonError, type Digest, type Disk } from '@tenon/contract'
import { writeAside } from './disk.ts'

/** An Ed25519 key. `id` is the digest of its public half in SPKI form. */
export type SigningKey = { id: Digest; privateKey: KeyObject; publicKey: KeyObject }

export const keyIdOf = (publicKey: KeyObject): Digest =>
  digestFromHex(
    createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  )

export function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { id: keyIdOf(publicKey), privateKey, publicKey }
}

/** The key kept under a name in a key folder, made at first need. The file is readable by its owner only. */
export async function signingKey(disk: Disk, folder: string, name: string): Promise<SigningKey> {
  const path = join(folder, `${name}.pem`)
  const kept = await disk.read(path)
  if (kept !== undefined) return readSigningKey(kept, path)
  const key = newSigningKey()
  await disk.makeFolder(folder, 0o700)
  await writeAside(disk, path, key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  return key
}

/** Reads a private key in PEM form; `path` says where it is from. Anything but Ed25519 is refused. */
export function readSigningKey(pem: Uint8Array, path: string): SigningKey {
  try {
    const privateKey = createPrivateKey(Buffer.from(pem))
    const publicKey = createPublicKey(privateKey)
    if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key')
    return { id: keyIdOf(publicKey), privateKey, publicKey }
  } catch (cause) {
    throw new TenonError('KEY_INVALID', `${path} holds no Ed25519 private key`, { cause })
  }
}

export const publicKeyText = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()

/** Reads a public key in PEM form; anything but Ed25519 is refused. */
export function readPublicKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new TenonError('KEY_INVALID', 'the text is no public key', { cause })
  }
  throw new TenonError('KEY_INVALID', 'the public key is not of type Ed25519')
}
