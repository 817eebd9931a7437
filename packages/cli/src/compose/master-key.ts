import { nodeDisk } from '@tenon/bundle'
import { TenonError, type World } from '@tenon/contract'
import type { MasterKeys } from '@tenon/storage'
import { aloneWithKeys } from './key-lock.ts'
import { keyringOf } from './keyring.ts'
import { masterKeyFile } from './master-key-file.ts'
import { MASTER_KEY_BYTES, masterKeysOf, type MasterKeyPlace } from './master-key-place.ts'

const MASTER_KEY = 'TENON_MASTER_KEY'
const MASTER_KEY_FROM = 'TENON_MASTER_KEY_FROM'

/** The place that the environment names: the variable with the key itself, the keyring, or else a file of the user. */
export function masterKeyPlace(home: string, world: World): MasterKeyPlace {
  const { [MASTER_KEY]: given, [MASTER_KEY_FROM]: from = given === undefined ? 'file' : 'environment' } = world.env
  const file = masterKeyFile(home, world)
  if (from === 'environment' && given !== undefined) return afterFile(inEnvironment(given), file)
  if (from === 'keyring' && given === undefined) return afterFile(inKeyring(home, world), file)
  if (from === 'file' && given === undefined) return file
  const set = given === undefined ? 'not set' : 'set'
  throw new TenonError('CONFIG_INVALID', `${MASTER_KEY_FROM} is "${from}" and ${MASTER_KEY} is ${set}`, {
    hint: `Set ${MASTER_KEY}, or else ${MASTER_KEY_FROM} to "file" or "keyring".`,
  })
}

/** The keys that lie in a place, of which the first one is made at first need. */
export async function masterKeysIn(place: MasterKeyPlace): Promise<MasterKeys> {
  const kept = await place.read()
  if (kept !== undefined) return kept
  await place.make()
  const made = await place.read()
  if (made !== undefined) return made
  throw new TenonError('KEY_INVALID', `a master key was given to ${place.name}, which does not have it`, {
    hint: `Keep it elsewhere: set ${MASTER_KEY}, or ${MASTER_KEY_FROM} to "file".`,
  })
}

/** What the file had before another place was chosen still opens what it sealed. */
const afterFile = (place: MasterKeyPlace, file: MasterKeyPlace): MasterKeyPlace => ({
  ...place,
  async read() {
    const [kept, left] = [await place.read(), await file.read()]
    if (kept === undefined || left === undefined) return kept
    return { current: kept.current, former: [...kept.former, left.current, ...left.former] }
  },
  async write(keys) {
    await place.write(keys)
    if (keys.former.length === 0) await nodeDisk.remove(file.name)
  },
})

const inEnvironment = (text: string): MasterKeyPlace => ({
  from: 'environment',
  name: MASTER_KEY,
  read: async () => keysIn(text, MASTER_KEY),
  make: async () => {},
  async write({ current }) {
    if (Buffer.from(keysIn(text, MASTER_KEY).current).equals(current)) return
    throw new TenonError('KEY_INVALID', `another master key has to be given by ${MASTER_KEY}`, {
      hint: `Start again with ${MASTER_KEY} set to the new key, a comma, and the present one; then rotate.`,
    })
  },
})

function inKeyring(home: string, world: World): MasterKeyPlace {
  const keyring = keyringOf(home, world)
  return {
    ...{ from: 'keyring', name: keyring.name },
    async read() {
      const text = await keyring.lookup()
      return text === undefined ? undefined : keysIn(text, keyring.name)
    },
    make: () =>
      aloneWithKeys(home, world, async () => {
        if ((await keyring.lookup()) !== undefined) return
        await keyring.store(textOf({ current: world.random(MASTER_KEY_BYTES), former: [] }))
      }),
    write: (keys) => keyring.store(textOf(keys)),
  }
}

const textOf = ({ current, former }: MasterKeys): string =>
  [current, ...former].map((key) => Buffer.from(key).toString('base64')).join(',')

/** Keys in base64, with commas between them. Of what is wrong with one, only where it stands is said. */
function keysIn(text: string, name: string): MasterKeys {
  const parts = text.split(',').map((part) => part.trim())
  const wrong = parts.flatMap((part, index) => (/^[A-Za-z0-9+/]{43}=$/.test(part) ? [] : [index + 1]))
  if (wrong.length === 0) return masterKeysOf(parts.map((part) => Buffer.from(part, 'base64')))
  throw new TenonError('KEY_INVALID', `${name}: key ${wrong.join(', ')} is not ${MASTER_KEY_BYTES} bytes in base64`, {
    hint: `"head -c ${MASTER_KEY_BYTES} /dev/urandom | base64" makes one.`,
  })
}
