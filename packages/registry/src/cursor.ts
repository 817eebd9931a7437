import { readJson, TenonError } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'

/** A place in a list as text that only this registry reads. */
const cursorOf = (place: object): string => Buffer.from(JSON.stringify(place)).toString('base64url')

export function readCursor<Place>(cursor: string | undefined, places: Validator<Place>): Place | undefined {
  if (cursor === undefined) return undefined
  const place: unknown = readJson(Buffer.from(cursor, 'base64url').toString()).value
  if (places.is(place)) return place
  throw new TenonError('HTTP_INVALID', `"${cursor}" is no cursor of this list`, {
    hint: 'Take nextCursor of the page before.',
  })
}

/** One page out of one row more than it may hold. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  placeOf: (row: Row) => object,
): { items: Item[]; nextCursor?: string } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items: shown.map(itemOf), ...(more ? { nextCursor: cursorOf(placeOf(last)) } : {}) }
}
