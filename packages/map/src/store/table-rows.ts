import { hash } from 'node:crypto'
import type { Columns, Database, RowOf, SqlValue } from '@tenon/database'
import type { HeldRow } from './row-plan.ts'

/** A table whose rows are replaced as a whole, and how a thing becomes a row of it. */
export type ReplacedTable<C extends Columns, T> = {
  table: string
  columns: C
  rowOf(thing: T): RowOf<C>
  /** The column that says since when a row is as it is, if there is one. */
  since?: string & keyof C
}

/** One whose rows are kept in the order in which they are given, by a key. */
export type OrderedTable<C extends Columns, T> = ReplacedTable<C, T> & { order: 'rowid' | 'id' }

/** Of which path a row tells, in its column and of the thing, and the only paths of which it may tell something else now. */
export type OnlyOf<C extends Columns, T> = {
  column: string & keyof C
  pathOf(thing: T): string
  changed: ReadonlySet<string>
}

/** What is held and what is wanted, so that equal texts mean equal rows. */
export type Sides = { held: HeldRow[]; wanted: () => string[] }

export const sidesOf = <C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T> & { order?: string },
  things: readonly T[],
  only?: OnlyOf<C, T>,
): Sides => ({ held: heldRows(database, replaced, only), wanted: () => things.map(contentIn(replaced)) })

const comparedIn = <C extends Columns, T>({ columns, since }: ReplacedTable<C, T>): string[] =>
  Object.keys(columns).filter((name) => name !== since)

/** What the row of a thing holds, but for the time. */
export function contentIn<C extends Columns, T>(replaced: ReplacedTable<C, T>): (thing: T) => string {
  const compared = comparedIn(replaced)
  return (thing) => contentOf(replaced.rowOf(thing), compared)
}

/** A digest, so that what is held need not fit into memory. */
const contentOf = (row: RowOf<Columns>, compared: readonly string[]): string =>
  hash('sha256', JSON.stringify(compared.map((name) => row[name])), 'base64')

export function heldRows<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T> & { order?: string },
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

export function deleteRows<C extends Columns, T>(
  database: Database,
  { table, order = 'rowid' }: ReplacedTable<C, T> & { order?: string },
  gone: readonly number[],
  isAll: boolean,
): void {
  if (isAll) database.run(`DELETE FROM ${table}`)
  else for (const id of gone) database.run(`DELETE FROM ${table} WHERE ${order} = ?`, id)
}

/** A key is `null` where SQLite may choose it, and undefined where the row is there. */
export function insertRows<C extends Columns, T>(
  database: Database,
  { table, columns, order = 'rowid', rowOf }: ReplacedTable<C, T> & { order?: string },
  things: readonly T[],
  keys: readonly (number | null | undefined)[],
): void {
  const names = Object.keys(columns)
  const places = ['?', ...names.map(() => '?')].join(', ')
  const sql = `INSERT INTO ${table} (${[order, ...names].join(', ')}) VALUES (${places})`
  for (const [index, key] of keys.entries()) {
    const thing = things[index]
    if (key === undefined || thing === undefined) continue
    const row: RowOf<Columns> = rowOf(thing)
    database.run(sql, key, ...names.map((name): SqlValue => row[name] ?? null))
  }
}
