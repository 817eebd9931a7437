import { hash } from 'node:crypto'
import type { Columns, Database, RowOf, SqlValue } from '@tenon/database'
import { planRows, type HeldRow, type RowPlan } from './row-plan.ts'

/** A table whose rows are replaced as a whole, and how a thing becomes a row of it. */
export type ReplacedTable<C extends Columns, T> = {
  table: string
  columns: C
  rowOf(thing: T): RowOf<C>
  /** The column that says since when a row is as it is, if there is one. */
  since?: string & keyof C
  /** The key that keeps the rows in the order in which they are given; absent where order says nothing. */
  order?: 'rowid' | 'id'
}

/** Of which path a row tells, in its column and of the thing, and the only paths of which it may tell something else now. */
export type OnlyOf<C extends Columns, T> = {
  column: string & keyof C
  pathOf(thing: T): string
  changed: ReadonlySet<string>
}

/**
 * Makes a table hold exactly these things. What is held already, but for the time, is not written again; with `only`, rows
 * of other paths are not even read.
 */
export function replaceRows<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
  only?: OnlyOf<C, T>,
): void {
  if (only?.changed.size === 0) return
  if (replaced.order === undefined) return replaceSet(database, replaced, things, only)
  if (only !== undefined) return replaceSome(database, replaced, things, only)
  const { held, wanted } = wholeSides(database, replaced, things)
  const { gone, keys } = planRows(held, wanted)
  deleteRows(database, replaced, gone, gone.length === held.length)
  insertRows(database, replaced, things, keys)
}

/** Where any order will do, SQLite chooses the keys. */
function replaceSet<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
  only: OnlyOf<C, T> | undefined,
): void {
  const asked = only === undefined ? things : things.filter((thing) => only.changed.has(only.pathOf(thing)))
  const { held, wanted } = wholeSides(database, replaced, asked, only)
  const [there, wants] = [new Set(held.map(({ content }) => content)), new Set(wanted)]
  const gone = held.flatMap(({ id, content }) => (wants.has(content) ? [] : [id]))
  const keys = wanted.map((content) => (there.has(content) ? undefined : null))
  deleteRows(database, replaced, gone, only === undefined && gone.length === held.length)
  insertRows(database, replaced, asked, keys)
}

/** What is held and what is wanted, so that equal texts mean equal rows. */
type Sides = { held: HeldRow[]; wanted: string[] }

function wholeSides<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
  only?: OnlyOf<C, T>,
): Sides {
  const compared = comparedIn(replaced)
  return {
    held: heldRows(database, replaced, only),
    wanted: things.map((thing) => contentOf(replaced.rowOf(thing), compared)),
  }
}

/** In a table whose rows have an order. */
function replaceSome<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
  only: OnlyOf<C, T>,
): void {
  const { table, order = 'rowid' } = replaced
  const sql = `SELECT ${order} AS id, ${only.column} AS path FROM ${table} ORDER BY ${order}`
  const held = database.all({ id: 'number', path: 'text' }, sql)
  const contents = new Map(heldRows(database, replaced, only).map(({ id, content }) => [id, content]))
  const isInPlace = held.length === things.length && things.every((thing, at) => held[at]?.path === only.pathOf(thing))
  const { gone, keys } = (isInPlace ? inPlace : movedAround)(replaced, things, only, { held, contents })
  deleteRows(database, replaced, gone, false)
  insertRows(database, replaced, things, keys)
}

/** The rows of a table by path, and what those hold whose path changed. */
type Held = { held: readonly { id: number; path: string }[]; contents: ReadonlyMap<number, string> }

/** Where each path has as many rows as before, at the same places, they need not be matched with each other. */
function inPlace<C extends Columns, T>(
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
  { changed }: OnlyOf<C, T>,
  { held, contents }: Held,
): RowPlan {
  const compared = comparedIn(replaced)
  const keys = held.map(({ id, path }, at) => {
    const thing = changed.has(path) ? things[at] : undefined
    return thing === undefined || contents.get(id) === contentOf(replaced.rowOf(thing), compared) ? undefined : id
  })
  return { gone: keys.flatMap((key) => key ?? []), keys }
}

/** Rows of a path that did not change are told apart by their number only. */
function movedAround<C extends Columns, T>(
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
  { pathOf, changed }: OnlyOf<C, T>,
  { held, contents }: Held,
): RowPlan {
  const compared = comparedIn(replaced)
  const [ofHeld, ofWanted] = [numbered(), numbered()]
  const wanted = things.map((thing) => {
    const path = pathOf(thing)
    return changed.has(path) ? contentOf(replaced.rowOf(thing), compared) : ofWanted(path)
  })
  return planRows(
    held.map(({ id, path }) => ({ id, content: contents.get(id) ?? ofHeld(path) })),
    wanted,
  )
}

/** Names what comes of one path in its order. */
function numbered(): (path: string) => string {
  const counts = new Map<string, number>()
  return (path) => {
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    return `${count} ${path}`
  }
}

const comparedIn = <C extends Columns, T>({ columns, since }: ReplacedTable<C, T>): string[] =>
  Object.keys(columns).filter((name) => name !== since)

function heldRows<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T>,
  only: OnlyOf<C, T> | undefined,
): HeldRow[] {
  const { table, columns, order = 'rowid' } = replaced
  const where = only === undefined ? '' : `WHERE ${only.column} IN (SELECT value FROM json_each(?))`
  const params = only === undefined ? [] : [JSON.stringify([...only.changed])]
  const sql = `SELECT ${order} AS held_key, ${Object.keys(columns).join(', ')} FROM ${table} ${where} ORDER BY ${order}`
  const [compared, held] = [comparedIn(replaced), [] as HeldRow[]]
  for (const row of database.each<Columns>({ ...columns, held_key: 'number' }, sql, ...params))
    held.push({ id: Number(row['held_key']), content: contentOf(row, compared) })
  return held
}

/** A digest, so that what is held need not fit into memory. */
const contentOf = (row: RowOf<Columns>, compared: readonly string[]): string =>
  hash('sha256', JSON.stringify(compared.map((name) => row[name])), 'base64')

function deleteRows<C extends Columns, T>(
  database: Database,
  { table, order = 'rowid' }: ReplacedTable<C, T>,
  gone: readonly number[],
  isAll: boolean,
): void {
  if (isAll) database.run(`DELETE FROM ${table}`)
  else for (const id of gone) database.run(`DELETE FROM ${table} WHERE ${order} = ?`, id)
}

function insertRows<C extends Columns, T>(
  database: Database,
  { table, columns, order = 'rowid', rowOf }: ReplacedTable<C, T>,
  things: readonly T[],
  keys: readonly (number | null | undefined)[],
): void {
  const names = Object.keys(columns)
  const places = ['?', ...names.map(() => '?')].join(', ')
  const sql = `INSERT INTO ${table} (${[order, ...names].join(', ')}) VALUES (${places})`
  for (const [index, thing] of things.entries()) {
    const key = keys[index]
    if (key === undefined) continue
    const row: RowOf<Columns> = rowOf(thing)
    database.run(sql, key, ...names.map((name): SqlValue => row[name] ?? null))
  }
}
