import { TenonError, type World } from '@tenon/contract'
import { open, seal } from './cipher.ts'
import { contextOf, DATA_KEY, dataKeyIn, newDataKey, type MasterKeys } from './data-key.ts'
import type { Rows } from './plugin-rows.ts'

/** Seals and opens what belongs to one plugin. */
export type Envelope = {
  seal(name: string, text: string): Promise<string>
  open(name: string, sealed: string): Promise<string>
}

/** Every plugin has a data key of its own, kept sealed by the master key, so that a new master key seals only those anew. */
export function envelopeOf(keys: Rows, plugin: string, masterKeys: () => MasterKeys, world: World): Envelope {
  const context = (name: string): string => contextOf(plugin, name)
  const dataKey = (wrapped: unknown): Buffer => dataKeyIn(plugin, wrapped, masterKeys())
  const keptKey = (): Promise<Buffer> =>
    keys.change((draft) => {
      if (draft.get(DATA_KEY) === undefined) draft.set(DATA_KEY, newDataKey(plugin, masterKeys(), world))
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
