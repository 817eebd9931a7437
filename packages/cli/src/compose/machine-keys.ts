import { link } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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
  if ((await nodeDisk.kind(path)) === undefined) await makeMasterKey(path, world)
  const kept = await nodeDisk.read(path)
  if (kept?.length === MASTER_KEY_BYTES) return kept
  throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is no key of ${MASTER_KEY_BYTES} bytes`, {
    hint: 'Restore it from a backup: secrets cannot be read without it.',
  })
}

/** Of several processes that make the key at once, one wins, and no key that was used is ever replaced. */
async function makeMasterKey(path: string, world: World): Promise<void> {
  const made = `${path}.${world.newId()}`
  await nodeDisk.makeFolder(dirname(path), 0o700)
  await writeAside(nodeDisk, made, world.random(MASTER_KEY_BYTES), 0o600)
  try {
    await link(made, path)
    await nodeDisk.flush(dirname(path))
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown
  } finally {
    await nodeDisk.remove(made)
  }
}
