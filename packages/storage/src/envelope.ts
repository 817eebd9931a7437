import { createCipheriv, createDecipheriv } from 'node:crypto'
import { assert, TenonError, type World } from '@tenon/contract'
import type { DatabaseReader } from '@tenon/database'
import type { Rows } from './plugin-rows.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const DATA_KEY = 'data'

/** AES-256-GCM. `context` says what is sealed and where it belongs; it opens only under the same words. */
function seal(key: Uint8Array, context: string, plain: Uint8Array, world: World): string {
  const nonce = world.random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
}

function open(key: Uint8Array, context: string, sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(context)).setAuthTag(tag)
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()])
  } catch {
    return undefined
  }
}

const contextOf = (plugin: string, name: string): string => JSON.stringify(['tenon', plugin, name])

/** The data key of a plugin, from how it is kept. Throws KEY_INVALID when the master key is another. */
function dataKeyIn(plugin: string, wrapped: unknown, masterKey: Uint8Array): Buffer {
  const key = typeof wrapped === 'string' ? open(masterKey, contextOf(plugin, DATA_KEY), wrapped) : undefined
  if (key !== undefined) return key
  throw new TenonError('KEY_INVALID', `the master key does not open the secrets of ${plugin}`, {
    hint: 'Use the master key of the machine that wrote them, or set them anew.',
  })
}

/** Throws KEY_INVALID naming a plugin whose secrets in this database the master key does not open. */
export function refuseUnopened(reader: DatabaseReader, masterKey: Uint8Array): void {
  const sql = "SELECT plugin, value FROM plugin_row WHERE space = 'secret-key'"
  for (const { plugin, value } of reader.all({ plugin: 'text', value: 'text' }, sql))
    dataKeyIn(plugin, JSON.parse(value), masterKey)
}

/** Seals and opens what belongs to one plugin. */
export type Envelope = {
  seal(name: string, text: string): Promise<string>
  open(name: string, sealed: string): Promise<string>
}

/** Every plugin has a data key of its own, kept sealed by the master key, so that a new master key re-seals only those. */
export function envelopeOf(keys: Rows, plugin: string, masterKey: Uint8Array, world: World): Envelope {
  assert(masterKey.length === KEY_BYTES, `a master key has ${KEY_BYTES} bytes`)
  const context = (name: string): string => contextOf(plugin, name)
  const made = (): string => seal(masterKey, context(DATA_KEY), world.random(KEY_BYTES), world)
  const dataKey = (wrapped: unknown): Buffer => dataKeyIn(plugin, wrapped, masterKey)
  const keptKey = (): Promise<Buffer> =>
    keys.change((draft) => {
      if (draft.get(DATA_KEY) === undefined) draft.set(DATA_KEY, made())
      return dataKey(draft.get(DATA_KEY))
    })
  return {
    seal: async (name, text) => seal(await keptKey(), context(`value ${name}`), Buffer.from(text), world),
    async open(name, sealed) {
      const plain = open(dataKey(keys.get(DATA_KEY)), context(`value ${name}`), sealed)
      if (plain !== undefined) return plain.toString()
      throw new TenonError('DATA_FOLDER_CORRUPT', `the secret ${JSON.stringify(name)} of ${plugin} does not open`, {
        hint: 'Set it anew.',
      })
    },
  }
}
