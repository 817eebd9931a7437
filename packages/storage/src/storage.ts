import { inTurn, type SettingsDeclaration, type World } from '@tenon/contract'
import { openReader, type GroupWriter } from '@tenon/database'
import { backUp, restoreFrom } from './backup.ts'
import { configurationOf, type Configuration } from './configuration.ts'
import { damagedRows, type DamagedRow } from './damage.ts'
import { checkedMasterKey, dataKeysIn, rewrapping, type MasterKeys } from './data-key.ts'
import { envelopeOf, type Envelope } from './envelope.ts'
import { keyValueOf, type KeyValue, type KeyValueRules } from './key-value.ts'
import { passage } from './passage.ts'
import { openRows, type Rows } from './plugin-rows.ts'
import { expiredPlaces } from './row-table.ts'
import { secretsOf, type Secrets } from './secrets.ts'
import type { Space } from './stored-row.ts'

/** What plugins keep. Every plugin sees its own and nothing else. */
export type Storage = {
  kv(plugin: string, rules: KeyValueRules): KeyValue
  secrets(plugin: string): Secrets
  config(plugin: string, settings: SettingsDeclaration): Configuration
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
   * Seals what the master key seals under another one, at once, while secrets are used, and knows no former key from then
   * on. After a kill either key may be the one: the caller keeps both until this settles, and opens with both after a kill.
   */
  rotateMasterKey(next: Uint8Array): Promise<void>
  close(): void
}

export type StorageOptions = {
  /** Opened with `storageMigrations` and no others: a backup is a copy of the whole file. */
  writer: GroupWriter
  world: World
  /** 32 bytes that are kept elsewhere; without them secrets do not open. */
  masterKey: Uint8Array
  /** Master keys of before, under which something may still be sealed until `rotateMasterKey` has settled. */
  formerMasterKeys?: readonly Uint8Array[]
}

export function openStorage({ writer, world, masterKey, formerMasterKeys = [] }: StorageOptions): Storage {
  let masterKeys: MasterKeys = { current: checkedMasterKey(masterKey), former: formerMasterKeys }
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
  const rotate = async (next: Uint8Array): Promise<void> => {
    const before = masterKeys
    const statements = rewrapping(dataKeysIn(reader, before, world.now()), next, world)
    // A read may come between the commit and its answer, so both keys are known meanwhile.
    masterKeys = { ...before, former: [...before.former, next] }
    await writer.write(statements)
    masterKeys = { current: next, former: [] }
  }
  return {
    kv: (plugin, rules) => keyValueOf(rowsOf(plugin, 'kv'), plugin, rules),
    secrets: (plugin) => secretsOf(rowsOf(plugin, 'secret'), plugin, envelope(plugin)),
    config: (plugin, settings) =>
      configurationOf({ rows: rowsOf(plugin, 'config'), plugin, settings, envelope: envelope(plugin), world }),
    sweep: async () => {
      // Every change sweeps its own place, so one that changes nothing is enough.
      for (const { plugin, space } of expiredPlaces(reader, world.now())) await rowsOf(plugin, space).change(() => {})
    },
    damaged: () => damagedRows(reader),
    backup: (path) => inOrder(() => backUp({ writer, world, masterKeys }, path)),
    restore: (path) => inOrder(() => restoreFrom({ writer, world, masterKeys }, path, aloneWith)),
    rotateMasterKey: async (next) => inOrder(() => aloneWith(() => rotate(checkedMasterKey(next)))),
    close: () => reader.close(),
  }
}
