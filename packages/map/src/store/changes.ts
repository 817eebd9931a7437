import type { Link, Node } from '../graph-schema.ts'
import { Contributions, type Contribution } from '../kernel/contributions.ts'
import { countsEqual } from '../kernel/graph.ts'
import type { Scan } from '../kernel/run-scan.ts'
import type { KnownFile, Snapshot } from '../kernel/snapshot.ts'

/** The paths of which a scan says something else than the one that it went on from, by what it says. */
export type Changes = {
  /** Files of which something else is known, or nothing any more. */
  files: ReadonlySet<string>
  nodes: ReadonlySet<string>
  /** Sources of links. */
  links: ReadonlySet<string>
  contributions: ReadonlySet<string>
}

export function changesOf(basis: Snapshot, { result, contributions, knowledge }: Scan): Changes {
  const files = changedFiles(basis.knowledge.files, knowledge.files)
  // Other files have a say in these numbers.
  const counted = result.nodes.filter((node) => !isCountedAsBefore(node, basis.nodes.get(node.path)))
  return {
    files,
    nodes: new Set([...files, ...counted.map(({ path }) => path)]),
    links: new Set([...files, ...lentSources(files, basis.knowledge.files), ...lentSources(files, knowledge.files)]),
    contributions: new Set([...files, ...changedContributions(basis.contributions, contributions)]),
  }
}

const isCountedAsBefore = (node: Node, before: Node | undefined): boolean =>
  node === before || (before !== undefined && countsEqual(node, before))

/** Of a file of which nothing changed both scans hold the same object. */
function changedFiles(before: ReadonlyMap<string, KnownFile>, after: ReadonlyMap<string, KnownFile>): Set<string> {
  const changed = new Set<string>()
  for (const [path, known] of after) if (before.get(path) !== known) changed.add(path)
  for (const path of before.keys()) if (!after.has(path)) changed.add(path)
  return changed
}

/** An extractor may say of a link that it comes from another file than the one it was found in. */
const lentSources = (files: ReadonlySet<string>, known: ReadonlyMap<string, KnownFile>): string[] =>
  [...files].flatMap((path) => linksIn(known.get(path)).flatMap(({ source }) => (source === path ? [] : source)))

const linksIn = (known: KnownFile | undefined): Link[] => Object.values(known?.found ?? {}).flat()

function changedContributions(before: readonly Contribution[], after: readonly Contribution[]): string[] {
  const [held, said] = [Contributions.of(before), Contributions.of(after)]
  return [...said.pathsOtherIn(held), ...held.pathsOtherIn(said)]
}
