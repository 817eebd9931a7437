import { hash } from 'node:crypto'
import type { Columns, Database, RowOf, SqlValue } from '@tenon/database'
import { planRows, type HeldRow } from './row-plan.ts'

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

/** Makes a table hold exactly these things. What is held already, but for the time, is not written again. */
export function replaceRows<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
): void {
  const { table, order } = replaced
  const compared = Object.keys(replaced.columns).filter((name) => name !== replaced.since)
  const held = heldRows(database, replaced, compared)
  const wanted = things.map((thing) => contentOf(replaced.rowOf(thing), compared))
  const { gone, keys } = order === undefined ? planSet(held, wanted) : planRows(held, wanted)
  if (gone.length === held.length) database.run(`DELETE FROM ${table}`)
  else for (const id of gone) database.run(`DELETE FROM ${table} WHERE ${order ?? 'rowid'} = ?`, id)
  insertRows(database, replaced, things, keys)
}

function heldRows<C extends Columns, T>(
  database: Database,
  { table, columns, order = 'rowid' }: ReplacedTable<C, T>,
  compared: readonly string[],
): HeldRow[] {
  const sql = `SELECT ${order} AS held_key, ${Object.keys(columns).join(', ')} FROM ${table} ORDER BY ${order}`
  const held: HeldRow[] = []
  for (const row of database.each<Columns>({ ...columns, held_key: 'number' }, sql))
    held.push({ id: Number(row['held_key']), content: contentOf(row, compared) })
  return held
}

/** A digest, so that what is held need not fit into memory. */
const contentOf = (row: RowOf<Columns>, compared: readonly string[]): string =>
  hash('sha256', JSON.stringify(compared.map((name) => row[name])), 'base64')

type Keys = readonly (number | null | undefined)[]

/** As `planRows`, where any order will do: SQLite chooses the keys. */
function planSet(held: readonly HeldRow[], wanted: readonly string[]): { gone: number[]; keys: Keys } {
  const there = new Set(held.map(({ content }) => content))
  const asked = new Set(wanted)
  return {
    gone: held.flatMap(({ id, content }) => (asked.has(content) ? [] : [id])),
    keys: wanted.map((content) => (there.has(content) ? undefined : null)),
  }
}

function insertRows<C extends Columns, T>(
  database: Database,
  { table, columns, order = 'rowid', rowOf }: ReplacedTable<C, T>,
  things: readonly T[],
  keys: Keys,
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
