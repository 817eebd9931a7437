import type { Problem } from '@tenon/contract'

/** The tables of a plugin: by the name it gives them, the name that they have in the database. */
export type PluginTables = { pluginId: string; prefix: string; names: ReadonlyMap<string, string> }

/** As far as SQLite is concerned, names that differ in case alone are the same. */
const normalized = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')

/** The names of declared tables, which may be written with the prefix or without. */
export function pluginTables(pluginId: string, declared: readonly string[]): PluginTables {
  const prefix = `plugin_${normalized(pluginId)}_`
  const shortOf = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name)
  return {
    pluginId,
    prefix,
    names: new Map(declared.map((name) => [shortOf(name), `${prefix}${normalized(shortOf(name))}`])),
  }
}

/** Tables that two declarations, of one plugin or of two, would share. */
export function tableCollisions(
  declarations: readonly { pluginId: string; tables: readonly string[] }[],
): (Problem & { pluginId: string })[] {
  const claims = declarations.flatMap(({ pluginId, tables }) =>
    tables.map((table) => ({
      pluginId,
      table,
      name: [...pluginTables(pluginId, [table]).names.values()].join(''),
    })),
  )
  const shared = Object.values(Object.groupBy(claims, ({ name }) => name)).filter((all = []) => all.length > 1)
  return shared.flatMap((all = []) =>
    all.map(({ pluginId, table, name }) => ({
      pluginId,
      pointer: '/storage/tables',
      code: 'table-collision',
      message: `the table ${table} of ${pluginId} would be ${name}, as would ${all
        .filter((other) => other.pluginId !== pluginId || other.table !== table)
        .map((other) => `${other.table} of ${other.pluginId}`)
        .join(' and ')}`,
    })),
  )
}
