import { assert, TenonError, type World } from '@tenon/contract'
import type { DatabaseReader, Statement } from '@tenon/database'
import { KEY_BYTES, open, seal } from './cipher.ts'
import { rowStatement, rowTable } from './row-table.ts'

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

/** Every data key in a database, opened. Throws KEY_INVALID or DATA_FOLDER_CORRUPT naming the first that is not to be had. */
export const dataKeysIn = (reader: DatabaseReader, keys: MasterKeys, now: number): Map<string, Buffer> =>
  new Map(keptIn(reader, now).map(([plugin, kept]) => [plugin, dataKeyIn(plugin, kept, keys)]))

/** Whether this master key alone opens every data key in a database. */
export const opensAll = (reader: DatabaseReader, masterKey: Uint8Array, now: number): boolean =>
  keptIn(reader, now).every(([plugin, kept]) => openedBy(masterKey, plugin, kept) !== undefined)

/** Every data key in a database as it is kept, by plugin. */
function keptIn(reader: DatabaseReader, now: number): [plugin: string, kept: unknown][] {
  const space = 'secret-key'
  const rows = reader.all({ plugin: 'text' }, 'SELECT plugin FROM plugin_row WHERE space = ? ORDER BY plugin', space)
  return rows.map(({ plugin }) => [
    plugin,
    JSON.parse(rowTable(reader, { plugin, space }).text(DATA_KEY, now) ?? 'null'),
  ])
}

/** What seals these data keys under another master key. */
export const rewrapping = (
  dataKeys: ReadonlyMap<string, Uint8Array>,
  masterKey: Uint8Array,
  world: World,
): Statement[] =>
  [...dataKeys].map(([plugin, key]) => {
    const text = JSON.stringify(wrapped(plugin, key, masterKey, world))
    return rowStatement({ plugin, space: 'secret-key' }, DATA_KEY, { text, expiresAt: undefined })
  })
