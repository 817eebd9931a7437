import { join } from 'node:path'
import { nodeDisk, signingKey, writeAside, type SigningKey } from '@tenon/bundle'
import { TenonError, type World } from '@tenon/contract'

/** The key with which a host signs tokens. */
export const tokenKey = (home: string): Promise<SigningKey> => signingKey(nodeDisk, join(home, 'keys'), 'host-token')

/** The key with which bundles of a publisher are signed on this machine. */
export const publisherKey = (home: string, publisher: string): Promise<SigningKey> =>
  signingKey(nodeDisk, join(home, 'keys'), `publisher-${publisher}`)

const MASTER_KEY_BYTES = 32

/** The key that wraps the data keys of secrets; made at first need. */
export async function masterKey(home: string, world: World): Promise<Uint8Array> {
  const path = join(home, 'keys/master.key')
  const kept = await nodeDisk.read(path)
  if (kept === undefined) {
    const made = world.random(MASTER_KEY_BYTES)
    await nodeDisk.makeFolder(join(home, 'keys'), 0o700)
    await writeAside(nodeDisk, path, made, 0o600)
    return made
  }
  if (kept.length !== MASTER_KEY_BYTES)
    throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is no key of ${MASTER_KEY_BYTES} bytes`, {
      hint: 'Restore it from a backup: secrets cannot be read without it.',
    })
  return kept
}
