import { assert, TenonError, type World } from '@tenon/contract'
import { parsed } from './change-set.ts'
import { KEY_BYTES, open, seal } from './cipher.ts'
import { textOf } from './damage.ts'
import type { RowChange, RowReads } from './row-store.ts'
import { rowOf } from './stored-row.ts'

/** What seals data keys, 32 bytes each. What a former master key sealed still opens. */
export type MasterKeys = { current: Uint8Array; former: readonly Uint8Array[] }

export function checkedMasterKeys(keys: MasterKeys): MasterKeys {
  for (const { length } of [keys.current, ...keys.former])
    assert(length === KEY_BYTES, `a master key has ${KEY_BYTES} bytes`)
  return keys
}

/** The one key under which a plugin's data key is kept. */
export const DATA_KEY = 'data'

/** What is sealed for whom. */
export const contextOf = (plugin: string, name: string): string => JSON.stringify(['tenon', plugin, name])

export const newDataKey = (plugin: string, { current }: MasterKeys, world: World): string =>
  wrapped(plugin, world.random(KEY_BYTES), current, world)

function wrapped(plugin: string, key: Uint8Array, masterKey: Uint8Array, world: World): string {
  return seal(masterKey, contextOf(plugin, DATA_KEY), key, world)
}

/** The data key of a plugin, from how it is kept. Throws KEY_INVALID when no master key opens it. */
export function dataKeyIn(plugin: string, kept: unknown, { current, former }: MasterKeys): Buffer {
  for (const masterKey of [current, ...former]) {
    const key = openedBy(masterKey, plugin, kept)
    if (key !== undefined) return key
  }
  throw new TenonError('KEY_INVALID', `the master key does not open the secrets of ${plugin}`, {
    hint: 'Use the master key of the machine that wrote them, or set them anew.',
  })
}

const openedBy = (masterKey: Uint8Array, plugin: string, kept: unknown): Buffer | undefined =>
  typeof kept === 'string' ? open(masterKey, contextOf(plugin, DATA_KEY), kept) : undefined

/** Every data key, opened. Throws KEY_INVALID or DATA_FOLDER_CORRUPT naming the first that is not to be had. */
export const dataKeysIn = async (stored: RowReads, keys: MasterKeys, now: number): Promise<Map<string, Buffer>> =>
  new Map((await allKept(stored, now)).map(([plugin, kept]) => [plugin, dataKeyIn(plugin, kept, keys)]))

/** Whether this master key alone opens every data key. */
export const opensAll = async (stored: RowReads, masterKey: Uint8Array, now: number): Promise<boolean> =>
  (await allKept(stored, now)).every(([plugin, kept]) => openedBy(masterKey, plugin, kept) !== undefined)

async function allKept(stored: RowReads, now: number): Promise<[plugin: string, kept: unknown][]> {
  const found: [string, unknown][] = []
  for (const plugin of await stored.plugins('secret-key')) found.push([plugin, await keptDataKey(stored, plugin, now)])
  return found
}

/** The data key of a plugin as it is kept, if it has one. */
export async function keptDataKey(stored: RowReads, plugin: string, now: number): Promise<unknown> {
  const row = await stored.row({ plugin, space: 'secret-key' }, DATA_KEY)
  return parsed(textOf(stored, row, now))
}

/** What seals these data keys under another master key. */
export const rewrapping = (
  dataKeys: ReadonlyMap<string, Uint8Array>,
  masterKey: Uint8Array,
  world: World,
): RowChange[] =>
  [...dataKeys].map(([plugin, key]) => {
    const text = JSON.stringify(wrapped(plugin, key, masterKey, world))
    return { put: rowOf({ plugin, space: 'secret-key' }, DATA_KEY, { text, expiresAt: undefined }) }
  })
