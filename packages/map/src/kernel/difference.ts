import type { Node } from '../graph-schema.ts'
import type { Gathered } from './gathering.ts'
import type { LinkedGraph } from './graph.ts'
import type { KnownFile, Snapshot } from './snapshot.ts'

/** In what a scan differs from the one before. */
export type Difference = {
  /** The paths of files of which something else is known, or nothing any more. */
  files: ReadonlySet<string>
  /** Nodes that are new, or not what they were. */
  changed: readonly Changed[]
  /** The paths of nodes that are gone. */
  gone: readonly string[]
  /** Whether the same nodes come in the same order. */
  isInOrder: boolean
  isLinkedAsBefore: boolean
  /** What links lead from that are not what they were. */
  relinked: ReadonlySet<string>
}

export type Changed = { is: Node; was: Node | undefined }

export function differenceFrom(before: Snapshot, linked: LinkedGraph, gathered: Gathered): Difference {
  const { isInOrder, isLinkedAsBefore, gone, nodeAt } = linked
  const { isSame, read, relinked, knowledge } = gathered
  const [was, is] = [before.knowledge.files, knowledge.files]
  const files = new Set(isSame ? [...read, ...gone] : changedPaths(was, is))
  const others = isSame ? [...relinked, ...gone] : [...files]
  return {
    ...{ files, gone, isInOrder, isLinkedAsBefore },
    changed: linked.renewed
      .map((path) => ({ is: nodeAt(path), was: before.nodes.get(path) }))
      .filter((node) => node.is !== node.was),
    relinked: new Set(others.flatMap((path) => [...sourcesIn(was.get(path)), ...sourcesIn(is.get(path))])),
  }
}

/** Where two maps hold other things. Of what did not change both hold the same object. */
export function changedPaths<T extends object>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): string[] {
  const isAnother = ([path, thing]: [string, T]): boolean => before.get(path) !== thing
  const changed = [...after].filter(isAnother).map(([path]) => path)
  return [...changed, ...goneFrom(before.keys(), after)]
}

const goneFrom = (before: Iterable<string>, live: { has(path: string): boolean }): string[] =>
  [...before].filter((path) => !live.has(path))

/** An extractor may say of a link that it comes from another file than the one it was found in. */
const sourcesIn = (known: KnownFile | undefined): string[] =>
  Object.values(known?.found ?? {}).flatMap((links) => links.map(({ source }) => source))
