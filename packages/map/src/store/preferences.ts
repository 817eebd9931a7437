import type { Json, World } from '@tenon/contract'
import type { Database } from '@tenon/database'

/** What the programs of a map keep for themselves, such as when they looked for an update. */
export type Preferences = {
  get(key: string): Json | undefined
  set(key: string, value: Json): void
  /** Says whether there was something. */
  delete(key: string): boolean
}

export const preferences = (database: Database, world: World): Preferences => ({
  get: (key) => {
    const row = database.get({ value_json: 'text' }, 'SELECT value_json FROM config_preferences WHERE key = ?', key)
    return row && (JSON.parse(row.value_json) as Json)
  },
  set: (key, value) =>
    void database.run(
      `INSERT INTO config_preferences VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at`,
      key,
      JSON.stringify(value),
      world.now(),
    ),
  delete: (key) => database.run('DELETE FROM config_preferences WHERE key = ?', key) > 0,
})
