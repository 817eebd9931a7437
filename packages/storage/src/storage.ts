import { inTurn, type SettingsDeclaration, type World } from '@tenon/contract'
import { backUp, restoreFrom } from './backup.ts'
import { configurationOf, type Configuration, type ConfigurationPlace } from './configuration.ts'
import { damagedRows, type DamagedRow } from './damage.ts'
import { checkedMasterKeys, dataKeysIn, opensAll, rewrapping, type MasterKeys } from './data-key.ts'
import { envelopeOf, type Envelope } from './envelope.ts'
import { keyValueOf, type KeyValue, type KeyValueRules } from './key-value.ts'
import { migrationOf, type KeyValueMigration } from './kv-migration.ts'
import { openRows, type Rows } from './plugin-rows.ts'
import type { RowStore } from './row-store.ts'
import { secretsOf, type Secrets } from './secrets.ts'
import { nameOf, type Space } from './stored-row.ts'

/** What plugins keep. Every plugin sees its own and nothing else. */
export type Storage = {
  kv(plugin: string, rules: KeyValueRules): KeyValue
  /** What a plugin stores, to be brought to another version of its schema while nothing of it runs. */
  migration(plugin: string, rules: KeyValueRules): Promise<KeyValueMigration>
  secrets(plugin: string): Secrets
  config(plugin: string, settings: SettingsDeclaration, place?: ConfigurationPlace): Configuration
  /** Frees what has expired, for plugins that change nothing themselves. */
  sweep(): Promise<void>
  /** Reads every row and names those that are damaged. */
  damaged(): Promise<DamagedRow[]>
  /**
   * Writes all that is stored, as it is at one moment, into a file, while it is used. Damage is named (DATA_FOLDER_CORRUPT),
   * and then there is no backup.
   */
  backup(path: string): Promise<void>
  /**
   * Puts what a backup holds in the place of all that is stored, at once, while it is used. A backup that is damaged, of
   * something else, or under another master key is refused, and nothing is changed.
   */
  restore(path: string): Promise<void>
  /**
   * Seals what any master key seals under the current one of these, at once, while secrets are used, and knows no others
   * from then on. After a kill an older key may be the one: the caller keeps it until this settles, and opens with both.
   */
  rotateMasterKey(next: MasterKeys): Promise<void>
  /** Whether all secrets open under this master key alone. */
  isSealedUnder(masterKey: Uint8Array): Promise<boolean>
  close(): Promise<void>
}

export type StorageOptions = {
  store: RowStore
  world: World
  /** Kept elsewhere; without them secrets do not open. */
  masterKeys: MasterKeys
}

export function openStorage({ store, world, masterKeys: given }: StorageOptions): Storage {
  let masterKeys = checkedMasterKeys(given)
  const opened = new Map<string, Rows>()
  const inOrder = inTurn()
  // All handles of a place share one queue of changes, so that those of one go share a commit.
  const rowsOf = (plugin: string, space: Space): Rows => {
    const place = { plugin, space }
    const name = nameOf(place)
    const rows = opened.get(name) ?? openRows(store, place, world)
    opened.set(name, rows)
    return rows
  }
  const envelope = (plugin: string): Envelope =>
    envelopeOf(rowsOf(plugin, 'secret-key'), plugin, () => masterKeys, world)
  const rotate = async (next: MasterKeys): Promise<void> => {
    const { current, former } = masterKeys
    const known = { current: next.current, former: [current, ...former, ...next.former] }
    try {
      await store.changeAlone(async (stored) => {
        const changes = rewrapping(await dataKeysIn(stored, known, world.now()), next.current, world)
        // What is sealed from here on is so after this commit, while reads may still be of before it.
        masterKeys = known
        return changes
      })
      masterKeys = next
    } catch (thrown) {
      // Whether it is written may not be known.
      if (masterKeys === known) masterKeys = { current, former: [next.current, ...former, ...next.former] }
      throw thrown
    }
  }
  return {
    kv: (plugin, rules) => keyValueOf(rowsOf(plugin, 'kv'), plugin, rules),
    migration: (plugin, rules) => migrationOf({ store, world, rows: rowsOf(plugin, 'kv') }, plugin, rules),
    secrets: (plugin) => secretsOf(rowsOf(plugin, 'secret'), plugin, envelope(plugin)),
    config: (plugin, settings, { environment, shape = 1 } = {}) => {
      const rows = rowsOf(plugin, 'config')
      return configurationOf({ rows, plugin, settings, environment, shape, envelope: envelope(plugin), world })
    },
    sweep: async () => {
      // Every change sweeps its own place, so one that changes nothing is enough.
      for (const { plugin, space } of await store.expiredPlaces(world.now()))
        await rowsOf(plugin, space).change(async () => {})
    },
    damaged: () => damagedRows(store),
    backup: (path) => inOrder(() => backUp({ store, world, masterKeys }, path)),
    restore: (path) => inOrder(() => restoreFrom({ store, world, masterKeys }, path)),
    rotateMasterKey: async (next) => inOrder(() => rotate(checkedMasterKeys(next))),
    isSealedUnder: (masterKey) => opensAll(store, masterKey, world.now()),
    close: () => store.close(),
  }
}
