import type { Columns, Database } from '@tenon/database'
import { planBetween, planRows, renumbered, type Around, type RowPlan } from './row-plan.ts'
import { contentIn, deleteRows, heldRows, insertRows, sidesOf, type OnlyOf, type OrderedTable } from './table-rows.ts'

/** What a table holds, in its order: things, and the keys of their rows. */
export type Kept<T> = { things: readonly T[]; ids: readonly number[] }

/** What is known of a table: the only paths that changed since it was written, and what was written then. */
export type Known<C extends Columns, T> = { only: OnlyOf<C, T>; kept?: Kept<T> | undefined }

/**
 * Makes a table hold exactly these things, in this order. What is held already, but for the time, is not written again, and
 * what is known is not read. Undefined where nothing was to do, and nobody knew what is held.
 */
export function replaceOrdered<C extends Columns, T extends object>(
  database: Database,
  replaced: OrderedTable<C, T>,
  things: readonly T[],
  known?: Known<C, T>,
): Kept<T> | undefined {
  if (known?.kept?.things === things) return known.kept
  const { gone, keys, ids, from = 0, isAll = false } = planOf(database, replaced, things, known)
  deleteRows(database, replaced, gone, isAll)
  insertRows(database, replaced, things.slice(from, from + keys.length), keys)
  return { things, ids }
}

/** The same where these are all that changed, each of them is alone under its path, and the paths are in the same order. */
export function replaceInPlace<C extends Columns, T extends { path: string }>(
  database: Database,
  replaced: OrderedTable<C, T>,
  changed: readonly T[],
  column: string & keyof C,
): void {
  const sql = `SELECT ${replaced.order} AS id FROM ${replaced.table} WHERE ${column} = ?`
  const keys = changed.map(({ path }) => database.get({ id: 'number' }, sql, path)?.id)
  deleteRows(
    database,
    replaced,
    keys.flatMap((key) => key ?? []),
    false,
  )
  insertRows(database, replaced, changed, keys)
}

/** `keys` are those of the things from a place on. */
type TablePlan = RowPlan & { from?: number; isAll?: boolean }

function planOf<C extends Columns, T extends object>(
  database: Database,
  replaced: OrderedTable<C, T>,
  things: readonly T[],
  known: Known<C, T> | undefined,
): TablePlan {
  if (known === undefined) {
    const { held, wanted } = sidesOf(database, replaced, things)
    if (held.length === 0) return renumbered(held, things.length)
    const plan = planRows(held, wanted())
    return { ...plan, isAll: plan.gone.length === held.length }
  }
  const { only, kept } = known
  return (kept && planKept(replaced, things, only, kept)) ?? planRead(database, replaced, things, only)
}

/** What a row tells, so that equal contents of one path mean equal rows; none where the path did not change. */
type Side = { path: string; content?: unknown }
type HeldSide = Side & { id: number }

/** By what was written before: what is the same object is the same row. Undefined where there is no room among those that stay. */
function planKept<C extends Columns, T extends object>(
  replaced: OrderedTable<C, T>,
  things: readonly T[],
  { pathOf }: OnlyOf<C, T>,
  kept: Kept<T>,
): TablePlan | undefined {
  const middle = differing(things, kept.things, (at, heldAt) => things[at] === kept.things[heldAt])
  const { from, end, heldEnd } = middle
  const [before, after] = [kept.things.slice(from, heldEnd), things.slice(from, end)]
  const [contentOf, was, is] = [contentIn(replaced), new Set(before), new Set(after)]
  const stays = (thing: T): boolean => was.has(thing) && is.has(thing)
  const side = (thing: T): Side => ({ path: pathOf(thing), content: stays(thing) ? thing : contentOf(thing) })
  const held = before.map((thing, at) => ({ id: kept.ids[from + at] ?? 0, ...side(thing) }))
  return planMiddle(held, after.map(side), { ...middle, ids: kept.ids })
}

/** Where two lists begin to differ, and where in each of them what differs ends. */
type Middle = { from: number; end: number; heldEnd: number }

function differing(
  { length }: readonly unknown[],
  held: readonly unknown[],
  isSame: (at: number, heldAt: number) => boolean,
): Middle {
  let [from, end, heldEnd] = [0, length, held.length]
  while (from < end && from < heldEnd && isSame(from, from)) from += 1
  while (end > from && heldEnd > from && isSame(end - 1, heldEnd - 1)) [end, heldEnd] = [end - 1, heldEnd - 1]
  return { from, end, heldEnd }
}

/** The plan of a middle, among the keys of all that are held. Undefined where there is no room among those around it. */
function planMiddle(
  held: readonly HeldSide[],
  wanted: readonly Side[],
  { from, heldEnd, ids }: Middle & { ids: readonly number[] },
): TablePlan | undefined {
  const plan = planSides(held, wanted, { below: ids[from - 1] ?? 0, above: ids[heldEnd] })
  return plan && { ...plan, from, ids: [...ids.slice(0, from), ...plan.ids, ...ids.slice(heldEnd)] }
}

/** By what the table says: of a path that did not change, no more is read than how many rows it has. */
function planRead<C extends Columns, T extends object>(
  database: Database,
  replaced: OrderedTable<C, T>,
  things: readonly T[],
  only: OnlyOf<C, T>,
): TablePlan {
  const { table, order } = replaced
  const sql = `SELECT ${order} AS id, ${only.column} AS path FROM ${table} ORDER BY ${order}`
  const contents = new Map(heldRows(database, replaced, only).map(({ id, content }) => [id, content]))
  const held = database
    .all({ id: 'number', path: 'text' }, sql)
    .map((row) => ({ ...row, content: contents.get(row.id) }))
  const contentOf = contentIn(replaced)
  const wanted = things.map((thing) => {
    const path = only.pathOf(thing)
    return only.changed.has(path) ? { path, content: contentOf(thing) } : { path }
  })
  // As many rows of a path that did not change stand before the middle, and after it, in both.
  const middle = differing(wanted, held, (at, heldAt) => isSameSide(wanted[at], held[heldAt]))
  const { from, end, heldEnd } = middle
  const ids = held.map(({ id }) => id)
  const plan = planMiddle(held.slice(from, heldEnd), wanted.slice(from, end), { ...middle, ids })
  return plan ?? renumbered(held, wanted.length)
}

const isSameSide = (one: Side | undefined, other: Side | undefined): boolean =>
  one?.path === other?.path && one?.content === other?.content

/** Where each path has as many rows as before, at the same places, they need not be matched with each other. */
function planSides(held: readonly HeldSide[], wanted: readonly Side[], around: Around): RowPlan | undefined {
  const isInPlace = held.length === wanted.length && wanted.every(({ path }, at) => held[at]?.path === path)
  if (!isInPlace)
    return planBetween(
      named(held),
      named(wanted).map(({ content }) => content),
      around,
    )
  const keys = held.map(({ id, content }, at) => (wanted[at]?.content === content ? undefined : id))
  return { gone: keys.flatMap((key) => key ?? []), keys, ids: held.map(({ id }) => id) }
}

/** Rows of a path that did not change are told apart by their number only. */
function named<S extends Side>(sides: readonly S[]): (S & { content: unknown })[] {
  const counts = new Map<string, number>()
  return sides.map((side) => {
    if (side.content !== undefined) return { ...side, content: side.content }
    const count = (counts.get(side.path) ?? 0) + 1
    counts.set(side.path, count)
    return { ...side, content: `${count} ${side.path}` }
  })
}
