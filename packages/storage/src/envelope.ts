import { TenonError, type World } from '@tenon/contract'
import { open, seal } from './cipher.ts'
import { contextOf, DATA_KEY, dataKeyIn, newDataKey, type MasterKeys } from './data-key.ts'
import type { Rows } from './plugin-rows.ts'

/** Seals and opens what belongs to one plugin. */
export type Envelope = {
  /** Settles when there is a data key to seal with. */
  ready(): Promise<void>
  /** Only in the change that writes what it gives: a restore may bring another data key at any other time. */
  seal(name: string, text: string): string
  open(name: string, sealed: string): Promise<string>
}

/** Every plugin has a data key of its own, kept sealed by the master key, so that a new master key seals only those anew. */
export function envelopeOf(keys: Rows, plugin: string, masterKeys: () => MasterKeys, world: World): Envelope {
  const context = (name: string): string => contextOf(plugin, name)
  const dataKey = (wrapped: unknown): Buffer => dataKeyIn(plugin, wrapped, masterKeys())
  return {
    ready: () =>
      keys.change((draft) => {
        if (draft.get(DATA_KEY) === undefined) draft.set(DATA_KEY, newDataKey(plugin, masterKeys(), world))
      }),
    seal(name, text) {
      const kept = keys.get(DATA_KEY)
      if (kept !== undefined) return seal(dataKey(kept), context(`value ${name}`), Buffer.from(text), world)
      throw new TenonError('KEY_INVALID', `the data key of ${plugin} went with a restore`, { hint: 'Set it again.' })
    },
    async open(name, sealed) {
      const plain = open(dataKey(keys.get(DATA_KEY)), context(`value ${name}`), sealed)
      if (plain !== undefined) return plain.toString()
      throw new TenonError('DATA_FOLDER_CORRUPT', `the secret ${JSON.stringify(name)} of ${plugin} does not open`, {
        hint: 'Set it anew.',
      })
    },
  }
}
