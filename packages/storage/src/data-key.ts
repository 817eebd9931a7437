import { assert, TenonError, type World } from '@tenon/contract'
import type { DatabaseReader, Statement } from '@tenon/database'
import { KEY_BYTES, open, seal } from './cipher.ts'
import { rowStatement, rowTable } from './row-table.ts'

/** What seals data keys. What a former master key sealed still opens. */
export type MasterKeys = { current: Uint8Array; former: readonly Uint8Array[] }

export function checkedMasterKey(masterKey: Uint8Array): Uint8Array {
  assert(masterKey.length === KEY_BYTES, `a master key has ${KEY_BYTES} bytes`)
  return masterKey
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
  for (const masterKey of typeof kept === 'string' ? [current, ...former] : []) {
    const key = open(masterKey, contextOf(plugin, DATA_KEY), String(kept))
    if (key !== undefined) return key
  }
  throw new TenonError('KEY_INVALID', `the master key does not open the secrets of ${plugin}`, {
    hint: 'Use the master key of the machine that wrote them, or set them anew.',
  })
}

/** Every data key in a database, opened. Throws KEY_INVALID or DATA_FOLDER_CORRUPT naming the first that is not to be had. */
export function dataKeysIn(reader: DatabaseReader, keys: MasterKeys, now: number): Map<string, Buffer> {
  const space = 'secret-key'
  const rows = reader.all({ plugin: 'text' }, 'SELECT plugin FROM plugin_row WHERE space = ? ORDER BY plugin', space)
  const keptFor = (plugin: string): unknown =>
    JSON.parse(rowTable(reader, { plugin, space }).text(DATA_KEY, now) ?? 'null')
  return new Map(rows.map(({ plugin }) => [plugin, dataKeyIn(plugin, keptFor(plugin), keys)]))
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
