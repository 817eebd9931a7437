import { jsonValue, type JsonObject, type World } from '@tenon/contract'
import type { Database, RowOf } from '@tenon/database'

/** What a user chose for a plugin, or for one extension of it: `id` is `<plugin>` or `<plugin>/<extension>`. */
export type PluginSetting = { id: string; enabled: boolean; config: JsonObject | null; updatedAt: number }

export type PluginSettings = {
  all(): PluginSetting[]
  setEnabled(id: string, enabled: boolean): void
}

const SETTING = { plugin_id: 'text', enabled: 'number', config_json: 'text?', updated_at: 'number' } as const

export const pluginSettings = (database: Database, world: World): PluginSettings => ({
  all: () => database.all(SETTING, 'SELECT * FROM config_plugins ORDER BY plugin_id').map(settingOf),
  setEnabled: (id, enabled) =>
    void database.run(
      `INSERT INTO config_plugins (plugin_id, enabled, updated_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET enabled = excluded.enabled, updated_at = excluded.updated_at`,
      id,
      enabled ? 1 : 0,
      world.now(),
    ),
})

const settingOf = (row: RowOf<typeof SETTING>): PluginSetting => ({
  id: row.plugin_id,
  enabled: row.enabled !== 0,
  config: row.config_json === null ? null : (jsonValue(row.config_json) as JsonObject),
  updatedAt: row.updated_at,
})
