import { type JsonObject, once } from '@tenon/contract'
import type { OrphanSidecar } from '../files/listing.ts'
import type { Node } from '../graph-schema.ts'
import type { ContributionsByPath } from './contributions.ts'
import { deepFrozen } from './deep-frozen.ts'
import type { LinkedGraph } from './graph.ts'
import type { Graph, StrandedContribution } from './inputs.ts'
import type { Registry } from './registry.ts'
import type { Rename } from './renames.ts'

/** What the graphs that rules see are made of. */
export type Seen = {
  registry: Pick<Registry, 'annotationKeys' | 'viewContributions'>
  linked: LinkedGraph
  orphanSidecars: readonly OrphanSidecar[]
  /** What the scan before kept for nodes, and which of those live on under another path. */
  held: ContributionsByPath
  renames: readonly Rename[]
}

/** What a rule sees: the whole graph, or what it says of some paths. Every part is made, and frozen, when it is first looked at. */
export type RuleGraphs = { whole: Graph; of(paths: ReadonlySet<string>): Graph }

export function ruleGraphs(seen: Seen): RuleGraphs {
  const { linked } = seen
  const stranded = frozenOnce(() => strandedIn(seen))
  const all = { nodes: () => linked.paths.map(linked.nodeAt), links: () => linked.links.all() }
  return {
    whole: graphOf(seen, stranded, all),
    of(paths) {
      const nodes = () => linked.paths.filter((path) => paths.has(path)).map(linked.nodeAt)
      return graphOf(seen, stranded, { nodes, links: () => linked.links.from(paths) })
    },
  }
}

type Parts = { nodes: () => Graph['nodes']; links: () => Graph['links'] }

function graphOf(
  { registry, orphanSidecars }: Seen,
  stranded: () => readonly StrandedContribution[],
  parts: Parts,
): Graph {
  const [nodes, links] = [frozenOnce(parts.nodes), frozenOnce(parts.links)]
  const roots = frozenOnce(() => sidecarRoots(nodes()))
  return {
    orphanSidecars: deepFrozen(orphanSidecars),
    annotationContributions: deepFrozen(registry.annotationKeys),
    viewContributions: deepFrozen(registry.viewContributions),
    get nodes() {
      return nodes()
    },
    get links() {
      return links()
    },
    get sidecarRoots() {
      return roots()
    },
    get strandedContributions() {
      return stranded()
    },
  }
}

const frozenOnce = <T>(make: () => T): (() => T) => once(() => deepFrozen(make()))

const sidecarRoots = (nodes: readonly Node[]): Record<string, JsonObject> =>
  Object.fromEntries(nodes.flatMap(({ path, sidecar }) => (sidecar?.root ? [[path, sidecar.root as JsonObject]] : [])))

function strandedIn({ linked, held, renames }: Seen): StrandedContribution[] {
  // Each scan keeps those of its nodes alone.
  if (linked.isInPlace) return []
  const renamed = new Set(renames.map(({ from }) => from))
  const gone = [...held.keys()].filter((path) => !linked.has(path) && !renamed.has(path))
  return gone.flatMap((path) =>
    (held.get(path) ?? []).map(({ pluginId, extensionId, contributionId, nodePath }) => ({
      ...{ pluginId, extensionId, contributionId, nodePath },
    })),
  )
}
