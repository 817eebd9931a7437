import { inTurn, type SettingsDeclaration, type World } from '@tenon/contract'
import { openReader, type GroupWriter } from '@tenon/database'
import { backUp, restoreFrom } from './backup.ts'
import { configurationOf, type Configuration, type ConfigurationPlace } from './configuration.ts'
import { damagedRows, type DamagedRow } from './damage.ts'
import { checkedMasterKeys, dataKeysIn, opensAll, rewrapping, type MasterKeys } from './data-key.ts'
import { envelopeOf, type Envelope } from './envelope.ts'
import { keyValueOf, type KeyValue, type KeyValueRules } from './key-value.ts'
import { migrationOf, type KeyValueMigration } from './kv-migration.ts'
import { passage } from './passage.ts'
import { openRows, type Rows } from './plugin-rows.ts'
import { expiredPlaces } from './row-table.ts'
import { secretsOf, type Secrets } from './secrets.ts'
import type { Space } from './stored-row.ts'

/** What plugins keep. Every plugin sees its own and nothing else. */
export type Storage = {
  kv(plugin: string, rules: KeyValueRules): KeyValue
  /** What a plugin stores, to be brought to another version of its schema while nothing of it runs. */
  migration(plugin: string, rules: KeyValueRules): KeyValueMigration
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
  close(): void
}

export type StorageOptions = {
  /** Opened with `storageMigrations` and no others: a backup is a copy of the whole file. */
  writer: GroupWriter
  world: World
  /** Kept elsewhere; without them secrets do not open. */
  masterKeys: MasterKeys
}

export function openStorage({ writer, world, masterKeys: given }: StorageOptions): Storage {
  let masterKeys = checkedMasterKeys(given)
  const reader = openReader(writer.path)
  const opened = new Map<string, Rows>()
  const commits = passage()
  const inOrder = inTurn()
  // All handles of a place share one queue of changes, or they would overwrite each other.
  const rowsOf = (plugin: string, space: Space): Rows => {
    const name = `${space} ${plugin}`
    const rows = opened.get(name) ?? openRows({ reader, writer, world, passage: commits }, { plugin, space })
    opened.set(name, rows)
    return rows
  }
  const envelope = (plugin: string): Envelope =>
    envelopeOf(rowsOf(plugin, 'secret-key'), plugin, () => masterKeys, world)
  /** Writes beside what is opened here, while nobody here changes anything. */
  const aloneWith = (work: () => Promise<void>): Promise<void> =>
    commits.alone(async () => {
      await work()
      for (const rows of opened.values()) rows.forget()
    })
  const rotate = async (next: MasterKeys): Promise<void> => {
    const known = { ...masterKeys, former: [...masterKeys.former, next.current, ...next.former] }
    const statements = rewrapping(dataKeysIn(reader, known, world.now()), next.current, world)
    // A read may come between the commit and its answer, so all keys are known meanwhile.
    masterKeys = known
    await writer.write(statements)
    masterKeys = next
  }
  return {
    kv: (plugin, rules) => keyValueOf(rowsOf(plugin, 'kv'), plugin, rules),
    migration: (plugin, rules) => migrationOf(rowsOf(plugin, 'kv'), { plugin, space: 'kv' }, () => world.now(), rules),
    secrets: (plugin) => secretsOf(rowsOf(plugin, 'secret'), plugin, envelope(plugin)),
    config: (plugin, settings, { environment, shape = 1 } = {}) => {
      const rows = rowsOf(plugin, 'config')
      return configurationOf({ rows, plugin, settings, environment, shape, envelope: envelope(plugin), world })
    },
    sweep: async () => {
      // Every change sweeps its own place, so one that changes nothing is enough.
      for (const { plugin, space } of expiredPlaces(reader, world.now())) await rowsOf(plugin, space).change(() => {})
    },
    damaged: () => damagedRows(reader),
    backup: (path) => inOrder(() => backUp({ writer, world, masterKeys }, path)),
    restore: (path) => inOrder(() => restoreFrom({ writer, world, masterKeys }, path, aloneWith)),
    rotateMasterKey: async (next) => inOrder(() => aloneWith(() => rotate(checkedMasterKeys(next)))),
    isSealedUnder: async (masterKey) => opensAll(reader, masterKey, world.now()),
    close: () => reader.close(),
  }
}
