import { TenonError, type Problem, type World } from '@tenon/contract'
import { openDatabase, type DatabaseReader, type Migration } from '@tenon/database'
import { tableShapes, type ColumnShape, type TableShape } from './table-shapes.ts'

/** Tables by which a database of skill-map is known. */
const MARKS = ['scan_nodes', 'config_schema_versions']

/**
 * The statements that make a database of skill-map's own program one of this store. What it lacks and what may be added
 * is added, and what it has more stays. Throws DATA_FOLDER_FORMAT with everything that is in the way.
 */
export function adoptTables(reader: DatabaseReader, migrations: readonly Migration[], world: World): string {
  const model = openDatabase(':memory:', { migrations, world })
  try {
    const found = tableShapes(reader)
    const problems = problemsOf(found, tableShapes(model))
    if (problems.length > 0) throw refusal(reader.path, problems)
    return [
      ...missing(found, tableShapes(model)),
      ...missingIndexes(reader, model),
      versionOf(reader, migrations.length),
    ].join(';\n')
  } finally {
    model.close()
  }
}

type Shapes = ReadonlyMap<string, TableShape>

function problemsOf(found: Shapes, model: Shapes): Problem[] {
  const lost = MARKS.filter((table) => !found.has(table))
  if (lost.length > 0)
    return lost.map((table) => ({
      pointer: `/${table}`,
      code: 'no-table',
      message: `there is no table ${table}, so skill-map did not make it`,
    }))
  return [...found].flatMap(([name, table]) => {
    const wanted = model.get(name)
    return wanted === undefined ? [] : tableProblems(name, table, wanted)
  })
}

function tableProblems(name: string, found: TableShape, model: TableShape): Problem[] {
  const told = (column: string, code: string, message: string): Problem => ({
    pointer: `/${name}${column && `/${column}`}`,
    code,
    message: `${name}${column && `.${column}`} ${message}`,
  })
  const rowid = found.hasRowid ? [] : [told('', 'without-rowid', 'has no rowid, which keeps the order of its rows')]
  const wanted = [...model.columns].flatMap(([column, shape]) => {
    const there = found.columns.get(column)
    if (there !== undefined) return differences(there, shape).map(([code, what]) => told(column, code, what))
    return shape.required && !shape.hasDefault ? [told(column, 'no-column', 'is not there and cannot be added')] : []
  })
  const more = [...found.columns].filter(([column]) => !model.columns.has(column))
  const needed = more.filter(([, { required, hasDefault }]) => required && !hasDefault)
  return [
    ...rowid,
    ...wanted,
    ...needed.map(([column]) => told(column, 'needed-column', 'must have a value, and this version knows none')),
  ]
}

function differences(found: ColumnShape, model: ColumnShape): [code: string, message: string][] {
  const all: [boolean, string, string][] = [
    [found.affinity !== model.affinity, 'type', `is ${found.declared || 'of no type'}, not ${model.declared}`],
    [found.key !== model.key, 'key', `is ${placeOf(found.key)}, not ${placeOf(model.key)}`],
    [found.required && !model.required && model.key === 0, 'required', 'must have a value, and it may be empty here'],
  ]
  return all.flatMap(([differs, code, message]) => (differs ? [[code, message]] : []))
}

const placeOf = (key: number): string => (key === 0 ? 'no part of the key' : `part ${key} of the key`)

const missing = (found: Shapes, model: Shapes): string[] =>
  [...model].flatMap(([name, { sql, columns }]) => {
    const there = found.get(name)
    if (there === undefined) return name === 'tenon_migration' ? [] : [sql]
    return [...columns].flatMap(([column, shape]) =>
      there.columns.has(column) ? [] : [`ALTER TABLE ${name} ADD COLUMN ${shape.sql}`],
    )
  })

const INDEXES = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"

function missingIndexes(reader: DatabaseReader, model: DatabaseReader): string[] {
  const indexes = (database: DatabaseReader) => database.all({ name: 'text', sql: 'text' }, INDEXES)
  const found = new Set(indexes(reader).map(({ name }) => name))
  return indexes(model).flatMap(({ name, sql }) => (found.has(name) ? [] : [sql]))
}

/** A later version of skill-map may have counted further. */
function versionOf(reader: DatabaseReader, own: number): string {
  const { user_version: version = 0 } = reader.get({ user_version: 'number' }, 'PRAGMA user_version') ?? {}
  return `PRAGMA user_version = ${Math.max(version, own)}`
}

const refusal = (path: string, problems: Problem[]): TenonError =>
  new TenonError('DATA_FOLDER_FORMAT', `${path} cannot be used: ${problems.map(({ message }) => message).join('; ')}`, {
    hint: 'Move it away and scan again, or keep using the program that made it.',
    details: { path },
    problems,
  })
