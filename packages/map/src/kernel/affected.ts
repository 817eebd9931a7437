import type { Node } from '../graph-schema.ts'
import type { Dependence } from './dependence.ts'
import type { Difference } from './difference.ts'

/** The paths of which a rule has to judge anew; `all` where it has to judge the whole graph. */
export type Affected = ReadonlySet<string> | 'all'

export function affectedBy(difference: Difference, { nodes = [], links = false, each = false }: Dependence): Affected {
  const { changed, gone, isInOrder, isLinkedAsBefore, relinked } = difference
  const touched = changed.filter(({ is, was }) => was === undefined || nodes.some((place) => differs(is, was, place)))
  const paths = touched.map(({ is }) => is.path)
  if (each) return new Set([...paths, ...gone, ...(links ? relinked : [])])
  return paths.length === 0 && isInOrder && (isLinkedAsBefore || !links) ? new Set() : 'all'
}

const differs = (one: Node, other: Node, place: readonly string[]): boolean =>
  JSON.stringify(valueAt(one, place)) !== JSON.stringify(valueAt(other, place))

const valueAt = (node: Node, place: readonly string[]): unknown =>
  place.reduce<unknown>((value, key) => Object(value)[key], node)
