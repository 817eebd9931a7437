import { TenonError, type World } from '@tenon/contract'
import { keyValueOf, type KeyValue, type KeyValueRules } from './key-value.ts'
import { FIRST_VERSION, VERSION_KEY, versionIn } from './kv-version.ts'
import { openRows, type Rows } from './plugin-rows.ts'
import type { RowStore } from './row-store.ts'
import { shadowStore } from './shadow-store.ts'

/** Keys and values on their way to another version of their schema. Nobody sees the changes before they are made at once. */
export type KeyValueMigration = {
  /** The version in which they are stored; undefined when nothing is. */
  from: number | undefined
  kv: KeyValue
  /** How many keys would be others. */
  changed(): Promise<number>
  /** Makes all changes, and notes the version. Throws MIGRATION_FAILED when someone else did meanwhile. */
  commit(to: number): Promise<void>
}

export async function migrationOf(
  { store, world, rows }: { store: RowStore; world: World; rows: Rows },
  plugin: string,
  rules: KeyValueRules,
): Promise<KeyValueMigration> {
  const place = { plugin, space: 'kv' } as const
  const shadow = shadowStore(store, place)
  const noted = await rows.get(VERSION_KEY)
  return {
    from: versionIn(noted) ?? ((await rows.keys({ limit: 1 })).length === 0 ? undefined : FIRST_VERSION),
    kv: keyValueOf(openRows(shadow.store, place, world), plugin, rules),
    changed: () => shadow.changed(world.now()),
    commit: (to) =>
      rows.change(async (draft) => {
        if ((await draft.get(VERSION_KEY)) !== noted) throw migratedMeanwhile(plugin)
        await shadow.replay(draft, world.now())
        await draft.set(VERSION_KEY, to)
      }),
  }
}

const migratedMeanwhile = (plugin: string): TenonError =>
  new TenonError('MIGRATION_FAILED', `the keys of ${plugin} were migrated by another host meanwhile`, {
    hint: 'Start it again.',
  })
