import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { rowMaker, type Columns, type RowOf, type Values } from './rows.ts'

/**
 * A compiled statement that gives the values of a row, of which a row is made by its columns. Rows that Node makes itself
 * take three times as long, and longer to read from.
 */
export type Prepared = {
  statement: ArrayStatement
  rowsAs<C extends Columns>(columns: C): (values: Values) => RowOf<C>
}

type ArrayStatement = Pick<StatementSync, 'run'> & {
  get(...params: SQLInputValue[]): Values | undefined
  all(...params: SQLInputValue[]): Values[]
  iterate(...params: SQLInputValue[]): IterableIterator<Values>
}

export function prepare(db: DatabaseSync, sql: string): Prepared {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  let last: { columns: Columns; row: (values: Values) => RowOf<Columns> } | undefined
  const rowsAs = (columns: Columns): ((values: Values) => RowOf<Columns>) => {
    const named = (): string[] => statement.columns().map(({ name }) => name)
    if (last?.columns !== columns) last = { columns, row: rowMaker(columns, named()) }
    return last.row
  }
  return { statement: statement as unknown as ArrayStatement, rowsAs: rowsAs as Prepared['rowsAs'] }
}

const STATEMENTS_MAX = 256

/** Statements are compiled once; the number kept is bounded because some texts are built from filters. */
export function preparedOnce(db: DatabaseSync): (sql: string) => Prepared {
  const kept = new Map<string, Prepared>()
  return (sql) => {
    const known = kept.get(sql)
    if (known !== undefined) return known
    if (kept.size >= STATEMENTS_MAX) kept.clear()
    const made = prepare(db, sql)
    kept.set(sql, made)
    return made
  }
}
