import { TenonError, type World } from '@tenon/contract'
import { open, seal } from './cipher.ts'
import { contextOf, DATA_KEY, dataKeyIn, keptDataKey, newDataKey, type MasterKeys } from './data-key.ts'
import type { Rows } from './plugin-rows.ts'
import type { RowReads } from './row-store.ts'

/** Seals and opens what belongs to one plugin. */
export type Envelope = {
  /** Settles when there is a data key to seal with. */
  ready(): Promise<void>
  /** With what the change sees that writes what this gives: a restore may bring another data key at any other time. */
  seal(stored: RowReads, name: string, text: string): Promise<string>
  open(name: string, sealed: string): Promise<string>
}

/** What no master key opens. */
const NONE = null

/** Every plugin has a data key of its own, kept sealed by the master key, so that a new master key seals only those anew. */
export function envelopeOf(keys: Rows, plugin: string, masterKeys: () => MasterKeys, world: World): Envelope {
  const context = (name: string): string => contextOf(plugin, name)
  /** What is read may be as it was before a new master key came, or after. */
  const dataKeyBy = async (read: () => Promise<unknown>): Promise<Buffer | undefined> => {
    const before = masterKeys()
    const kept = await read()
    const { current, former } = masterKeys()
    const known = { current, former: [...former, before.current, ...before.former] }
    return kept === undefined ? undefined : dataKeyIn(plugin, kept, known)
  }
  return {
    ready: () =>
      keys.change(async (draft) => {
        if ((await draft.get(DATA_KEY)) === undefined)
          await draft.set(DATA_KEY, newDataKey(plugin, masterKeys(), world))
      }),
    async seal(stored, name, text) {
      const key = await dataKeyBy(() => keptDataKey(stored, plugin, world.now()))
      if (key !== undefined) return seal(key, context(`value ${name}`), Buffer.from(text), world)
      throw new TenonError('KEY_INVALID', `the data key of ${plugin} went with a restore`, { hint: 'Set it again.' })
    },
    async open(name, sealed) {
      const key = await dataKeyBy(async () => (await keys.get(DATA_KEY)) ?? NONE)
      const plain = key && open(key, context(`value ${name}`), sealed)
      if (plain !== undefined) return plain.toString()
      throw new TenonError('DATA_FOLDER_CORRUPT', `the secret ${JSON.stringify(name)} of ${plugin} does not open`, {
        hint: 'Set it anew.',
      })
    },
  }
}
