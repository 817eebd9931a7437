import { jsonValue, limits, messageOf, TenonError, type Json, type World } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import type { Database } from '@tenon/database'
import { storageError } from './storage-error.ts'

/** Of a node, or of the whole map when no path is given. */
export type KvPlace = { nodePath?: string }

export type KvEntry = { key: string; value: Json; nodePath: string | null; updatedAt: number }

/** The keys of one plugin. Errors bear the names that skill-map gives them, such as `KvKeyInvalidError`. */
export type KvStore = {
  get(key: string, place?: KvPlace): Promise<Json | null>
  set(key: string, value: Json, place?: KvPlace): Promise<void>
  /** Says whether there was something. */
  delete(key: string, place?: KvPlace): Promise<boolean>
  /** By node and key; those of every node, and of none, where no path is given. */
  list(asked?: KvPlace & { prefix?: string }): Promise<KvEntry[]>
}

/** Opens the keys of a plugin, whose values must fit its schema if it has one. */
export function kvStore(database: Database, world: World, { pluginId, schema }: KvOwner): KvStore {
  return {
    get: async (key, place) => {
      const [id, node] = [checkedKey(key), nodeOf(place)]
      const sql = 'SELECT value_json FROM state_plugin_kvs WHERE plugin_id = ? AND node_id = ? AND key = ?'
      const row = done('get', () => database.get({ value_json: 'text' }, sql, pluginId, node, id))
      return row === undefined ? null : (jsonValue(row.value_json) as Json)
    },
    set: async (key, value, place) => {
      const [id, node, text] = [checkedKey(key), nodeOf(place), checkedValue(key, value, schema)]
      const sql = `INSERT INTO state_plugin_kvs VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at`
      done('set', () => database.run(sql, pluginId, node, id, text, world.now()))
    },
    delete: async (key, place) => {
      const [id, node] = [checkedKey(key), nodeOf(place)]
      const sql = 'DELETE FROM state_plugin_kvs WHERE plugin_id = ? AND node_id = ? AND key = ?'
      return done('delete', () => database.run(sql, pluginId, node, id)) > 0
    },
    list: async ({ nodePath, prefix } = {}) => {
      const node = nodePath === undefined ? undefined : nodeOf({ nodePath })
      return done('list', () => listed(database, pluginId, { node, prefix }))
    },
  }
}

type KvOwner = { pluginId: string; schema?: Validator<Json> }

const ENTRY = { node_id: 'text', key: 'text', value_json: 'text', updated_at: 'number' } as const

function listed(
  database: Database,
  pluginId: string,
  { node, prefix = '' }: { node: string | undefined; prefix: string | undefined },
): KvEntry[] {
  const of = node === undefined ? '' : 'AND node_id = ?'
  const sql = `SELECT node_id, key, value_json, updated_at FROM state_plugin_kvs
    WHERE plugin_id = ? AND substr(key, 1, length(?)) = ? ${of} ORDER BY node_id, key`
  const rows = database.all(ENTRY, sql, pluginId, prefix, prefix, ...(node === undefined ? [] : [node]))
  return rows.map((row) => ({
    key: row.key,
    value: jsonValue(row.value_json) as Json,
    nodePath: row.node_id === '' ? null : row.node_id,
    updatedAt: row.updated_at,
  }))
}

function checkedKey(key: string): string {
  const bytes = typeof key === 'string' && key.isWellFormed() ? Buffer.byteLength(key) : 0
  if (bytes > 0 && bytes <= limits.kvKeyBytes) return key
  throw storageError('KvKeyInvalidError', `${shown(key)} cannot be a key`, {
    hint: `A key is well-formed text of 1 to ${limits.kvKeyBytes} bytes.`,
  })
}

/** The empty text stands for no node, so no node can be named by it. */
function nodeOf({ nodePath }: KvPlace = {}): string {
  if (nodePath === undefined) return ''
  if (typeof nodePath === 'string' && nodePath !== '' && nodePath.isWellFormed()) return nodePath
  throw storageError('KvKeyInvalidError', `${shown(nodePath)} cannot be the path of a node`)
}

function checkedValue(key: string, value: Json, schema: Validator<Json> | undefined): string {
  const fault = jsonFault(value)
  if (fault !== undefined) throw storageError('KvValueNotSerializableError', `the value of ${shown(key)} ${fault}`)
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.kvValueBytes)
    throw storageError(
      'KvValueTooLargeError',
      `the value of ${shown(key)} has ${bytes} bytes; ${limits.kvValueBytes} are allowed`,
    )
  const problems = schema?.problems(value) ?? []
  if (problems.length === 0) return text
  const told = problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ')
  throw new TenonError('STORAGE_VALUE_INVALID', `the value of ${shown(key)} does not fit storage.schema: ${told}`, {
    problems,
  })
}

/** Why something is no JSON: only what `JSON.stringify` would give back unchanged is. */
function jsonFault(value: unknown, depth = 0): string | undefined {
  if (depth > limits.specDepthMax) return `is nested deeper than ${limits.specDepthMax}, or holds itself`
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'holds half a surrogate pair'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `holds ${value}`
  if (typeof value !== 'object') return `holds something of type ${typeof value}`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return 'holds an object of a class'
  for (const inner of Array.isArray(value) ? [...value.values()] : Object.values(value)) {
    const fault = jsonFault(inner, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

const shown = (text: unknown): string => JSON.stringify(typeof text === 'string' ? text.slice(0, 64) : typeof text)

function done<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw storageError('KvOperationFailedError', `${what} failed: ${messageOf(cause)}`, { cause })
  }
}
