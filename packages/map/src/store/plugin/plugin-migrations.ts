import { messageOf, TenonError, type Problem, type World } from '@tenon/contract'
import { openConfined, openReader, type ConfinedDatabase, type Database, type DatabaseReader } from '@tenon/database'
import { migrationProblems, withPrefix } from './authored-sql.ts'
import { refuseForeignShape, shapeBeside } from './foreign-shape.ts'
import { pluginTables, type PluginTables } from './plugin-tables.ts'
import { storageError } from './storage-error.ts'

/** The tables that a plugin declares, and the files that make them, each named `NNN_what_it_does.sql`. */
export type DedicatedStorage = {
  pluginId: string
  tables: readonly string[]
  migrations: readonly { name: string; sql: string }[]
}

export type PluginStep = { version: number; description: string }

/** The migrations of a plugin, and whether the database has each. Throws MIGRATION_FAILED when they cannot be used. */
export function pluginStatus(path: string, storage: DedicatedStorage): (PluginStep & { applied: boolean })[] {
  const steps = stepsOf(storage, pluginTables(storage.pluginId, storage.tables))
  const reader = openReader(path)
  try {
    const applied = appliedSteps(reader, storage.pluginId)
    return steps.map(({ version, description }) => ({ version, description, applied: applied.includes(version) }))
  } finally {
    reader.close()
  }
}

/**
 * Runs the migrations of a plugin that the database has not seen, each whole or not at all, and tells which. Whatever their
 * SQL says, they reach nothing but the plugin's own tables. Throws MIGRATION_FAILED with why, and nothing is lost.
 */
export function migratePlugin(path: string, world: World, storage: DedicatedStorage): PluginStep[] {
  const tables = pluginTables(storage.pluginId, storage.tables)
  const steps = stepsOf(storage, tables)
  const existing = new Set<string>()
  const isOwn = (name: string): boolean => {
    const lower = name.toLowerCase()
    return isDeclared(tables, lower) || (lower.startsWith(tables.prefix) && !existing.has(lower))
  }
  const isOwnIndex = (name: string): boolean => name.toLowerCase().startsWith(tables.prefix)
  const database = openConfined(path, { table: isOwn, index: isOwnIndex }, (denied) =>
    storageError('ScopedDbViolationError', `${denied} is not allowed: it is nothing of ${storage.pluginId}`),
  )
  try {
    const applied = database.freely((own) => appliedSteps(own, storage.pluginId))
    const pending = steps.filter(({ version }) => !applied.includes(version))
    if (pending.length > 0) {
      const names = database.freely(tableNames)
      for (const name of names) if (!isDeclared(tables, name)) existing.add(name)
      if (applied.length === 0) refuseTaken(tables, names)
      for (const step of pending) apply({ database, tables, isOwn, world, isLast: step === pending.at(-1) }, step)
    }
    return pending.map(({ version, description }) => ({ version, description }))
  } finally {
    database.close()
  }
}

type Step = PluginStep & { name: string; sql: string }
type Run = {
  database: ConfinedDatabase
  tables: PluginTables
  isOwn: (name: string) => boolean
  world: World
  isLast: boolean
}

const isDeclared = ({ names }: PluginTables, name: string): boolean => [...names.values()].includes(name)

function stepsOf({ pluginId, migrations }: DedicatedStorage, tables: PluginTables): Step[] {
  const steps = migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(stepOf)
  const problems = steps.flatMap(({ name, sql, version }, index): Problem[] => [
    ...(Number.isNaN(version) ? [named(name, 'is not named as NNN_what_it_does.sql')] : []),
    ...(index > 0 && version === steps[index - 1]?.version ? [named(name, `has the number of another`)] : []),
    ...migrationProblems(name, sql, tables),
  ])
  if (problems.length === 0) return steps
  throw failed(`the migrations of ${pluginId} cannot be used: ${problems.map(spoken).join('; ')}`, { problems })
}

const named = (file: string, message: string): Problem => ({ pointer: '', code: 'migration-name', file, message })
const spoken = ({ file, line, message }: Problem): string => `${file}${line === undefined ? '' : `:${line}`} ${message}`

function stepOf({ name, sql }: { name: string; sql: string }): Step {
  const { number, what = '' } = /^(?<number>\d{3,})_(?<what>[a-z0-9]+(?:_[a-z0-9]+)*)\.sql$/.exec(name)?.groups ?? {}
  return { name, sql, version: Number(number), description: what.replaceAll('_', ' ') }
}

const appliedSteps = (own: DatabaseReader, pluginId: string): number[] =>
  own
    .all(
      { version: 'number' },
      "SELECT version FROM config_schema_versions WHERE scope = 'plugin' AND owner_id = ?",
      pluginId,
    )
    .map(({ version }) => version)

const tableNames = (own: Database): string[] =>
  own
    .all({ name: 'text' }, "SELECT lower(name) AS name FROM sqlite_schema WHERE type = 'table'")
    .map(({ name }) => name)

/** Tables that another plugin has made are not this one's, though their names may be. */
function refuseTaken(tables: PluginTables, existing: readonly string[]): void {
  const taken = existing.filter((name) => isDeclared(tables, name))
  if (taken.length > 0)
    throw failed(`${taken.join(', ')} exist already, and ${tables.pluginId} did not make them`, {
      hint: 'Reset the state, or remove the plugin that made them.',
    })
}

function apply({ database, tables, isOwn, world, isLast }: Run, { name, sql, version, description }: Step): void {
  database.begin()
  try {
    const beside = database.freely((own) => shapeBeside(own, isOwn))
    for (const { text } of withPrefix(sql, tables)) database.run(text)
    database.freely((own) => {
      refuseForeignShape(own, isOwn, beside)
      if (isLast) refuseUndeclared(own, tables, isOwn)
      own.run(
        "INSERT INTO config_schema_versions VALUES ('plugin', ?, ?, ?, ?)",
        tables.pluginId,
        version,
        description,
        world.now(),
      )
    })
    database.commit()
  } catch (cause) {
    database.rollback()
    throw failed(`${name} of ${tables.pluginId}: ${messageOf(cause)}`, { cause })
  }
}

/** What was declared and what was made are to be the same in the end. */
function refuseUndeclared(own: Database, tables: PluginTables, isOwn: (name: string) => boolean): void {
  const made = tableNames(own).filter(isOwn)
  const [lost] = [...tables.names.values()].filter((name) => !made.includes(name))
  const [more] = made.filter((name) => !isDeclared(tables, name))
  if (lost !== undefined) throw failed(`${lost} is declared, and no migration makes it`)
  if (more !== undefined) throw failed(`${more} is made, and not declared`)
}

const failed = (message: string, options: ConstructorParameters<typeof TenonError>[2] = {}): TenonError =>
  new TenonError('MIGRATION_FAILED', message, options)
