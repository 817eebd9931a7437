import { link } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import { TenonError, type World } from '@tenon/contract'
import { MASTER_KEY_BYTES, masterKeysOf, type MasterKeyPlace } from './master-key-place.ts'

/** Master keys in a file that only its user can read, one behind the other. */
export function masterKeyFile(home: string, world: World): MasterKeyPlace {
  const path = join(home, 'keys/master.key')
  return {
    ...{ from: 'file', name: path },
    async read() {
      if ((await nodeDisk.kind(path)) === undefined) return undefined
      const bytes = (await nodeDisk.read(path)) ?? new Uint8Array()
      if (bytes.length > 0 && bytes.length % MASTER_KEY_BYTES === 0) return masterKeysOf(cut(bytes))
      throw new TenonError('DATA_FOLDER_CORRUPT', `${path} holds no keys of ${MASTER_KEY_BYTES} bytes`, {
        hint: 'Restore it from a backup: secrets cannot be read without it.',
      })
    },
    make: () => makeFile(path, world),
    write: ({ current, former }) => writeAside(nodeDisk, path, Buffer.concat([current, ...former]), 0o600),
  }
}

const cut = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / MASTER_KEY_BYTES }, (_, index) =>
    bytes.subarray(index * MASTER_KEY_BYTES, (index + 1) * MASTER_KEY_BYTES),
  )

/** Of several processes that make the key at once, one wins, and no key that was used is ever replaced. */
async function makeFile(path: string, world: World): Promise<void> {
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
