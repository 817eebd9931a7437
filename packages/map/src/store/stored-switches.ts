import { existsSync } from 'node:fs'
import { readDatabase, type DatabaseReader } from '@tenon/database'
import type { Switches } from '../config/scan-settings.ts'

/** What was switched by `sm plugins enable|disable`, in a database that is only read; nothing where there is none yet. */
export const storedSwitches = (path: string): Switches => (existsSync(path) ? readDatabase(path, switchesIn) : {})

function switchesIn(reader: DatabaseReader): Switches {
  const tables = reader.all({ name: 'text' }, "SELECT name FROM sqlite_schema WHERE name = 'config_plugins'")
  if (tables.length === 0) return {}
  const rows = reader.all({ plugin_id: 'text', enabled: 'number' }, 'SELECT plugin_id, enabled FROM config_plugins')
  return Object.fromEntries(rows.map(({ plugin_id: key, enabled }) => [key, enabled !== 0]))
}
