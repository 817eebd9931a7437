import { inTurn, type SettingsDeclaration, type World } from '@tenon/contract'
import { openReader, type GroupWriter } from '@tenon/database'
import { backUp, restoreFrom } from './backup.ts'
import { configurationOf, type Configuration } from './configuration.ts'
import { damagedRows, type DamagedRow } from './damage.ts'
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
  close(): void
}

export type StorageOptions = {
  /** Opened with `storageMigrations` and no others: a backup is a copy of the whole file. */
  writer: GroupWriter
  world: World
  /** 32 bytes that are kept elsewhere; without them secrets do not open. */
  masterKey: Uint8Array
}

export function openStorage({ writer, world, masterKey }: StorageOptions): Storage {
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
  const envelope = (plugin: string): Envelope => envelopeOf(rowsOf(plugin, 'secret-key'), plugin, masterKey, world)
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
    backup: (path) => inOrder(() => backUp({ writer, world, masterKey }, path)),
    restore: (path) =>
      inOrder(() =>
        restoreFrom({ writer, world, masterKey }, path, (replace) =>
          commits.alone(async () => {
            await replace()
            for (const rows of opened.values()) rows.forget()
          }),
        ),
      ),
    close: () => reader.close(),
  }
}
