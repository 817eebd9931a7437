import type { Columns, Database } from '@tenon/database'
import { deleteRows, insertRows, sidesOf, type OnlyOf, type ReplacedTable } from './table-rows.ts'

/**
 * Makes a table in which order says nothing hold exactly these things. What is held already, but for the time, is not
 * written again; with `only`, rows of other paths are not even read.
 */
export function replaceRows<C extends Columns, T>(
  database: Database,
  replaced: ReplacedTable<C, T>,
  things: readonly T[],
  only?: OnlyOf<C, T>,
): void {
  if (only?.changed.size === 0) return
  const asked = only === undefined ? things : things.filter((thing) => only.changed.has(only.pathOf(thing)))
  const { held, wanted: contents } = sidesOf(database, replaced, asked, only)
  if (held.length === 0)
    return insertRows(
      database,
      replaced,
      asked,
      asked.map(() => null),
    )
  const wanted = contents()
  const [there, wants] = [new Set(held.map(({ content }) => content)), new Set(wanted)]
  const gone = held.flatMap(({ id, content }) => (wants.has(content) ? [] : [id]))
  // Any order will do, so SQLite chooses the keys.
  const keys = wanted.map((content) => (there.has(content) ? undefined : null))
  deleteRows(database, replaced, gone, only === undefined && gone.length === held.length)
  insertRows(database, replaced, asked, keys)
}
