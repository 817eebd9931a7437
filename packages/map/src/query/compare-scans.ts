import type { Issue, Link, Node, ScanResult } from '../graph-schema.ts'

export type ChangedNode = { before: Node; after: Node; reason: 'body' | 'frontmatter' | 'both' }

export type ScanDifference = {
  nodes: { added: Node[]; removed: Node[]; changed: ChangedNode[] }
  links: { added: Link[]; removed: Link[] }
  issues: { added: Issue[]; removed: Issue[] }
}

/**
 * What came, went and changed between two scans. A node has changed when one of its hashes has. A link is the same while
 * its ends, its kind, what it calls and who found it are, an issue while its rule, its nodes and its message are. What a
 * scan says of the one before it is left out.
 */
export const compareScans = (before: ScanResult, after: ScanResult): ScanDifference => ({
  nodes: { ...difference(before.nodes, after.nodes, ({ path }) => path), changed: changedNodes(before, after) },
  links: difference(before.links, after.links, linkIdentity),
  issues: difference(before.issues.filter(isOfFiles), after.issues.filter(isOfFiles), issueIdentity),
})

const OF_THE_SCAN_BEFORE = ['auto-rename-medium', 'auto-rename-ambiguous', 'orphan']

const isOfFiles = ({ ruleId }: Issue): boolean => !OF_THE_SCAN_BEFORE.includes(ruleId)

const linkIdentity = ({ source, target, kind, trigger, sources }: Link): string =>
  JSON.stringify([source, target, kind, trigger?.normalizedTrigger ?? null, sources])

const issueIdentity = ({ ruleId, nodeIds, message }: Issue): string =>
  JSON.stringify([ruleId, [...nodeIds].sort(), message])

/** Each of the same identity stands for one of the other side. */
function difference<T>(before: readonly T[], after: readonly T[], identity: (item: T) => string) {
  return { added: without(after, before, identity), removed: without(before, after, identity) }
}

function without<T>(items: readonly T[], others: readonly T[], identity: (item: T) => string): T[] {
  const left = new Map<string, number>()
  for (const other of others) left.set(identity(other), (left.get(identity(other)) ?? 0) + 1)
  return items.filter((item) => {
    const count = left.get(identity(item)) ?? 0
    left.set(identity(item), count - 1)
    return count <= 0
  })
}

function changedNodes(before: ScanResult, after: ScanResult): ChangedNode[] {
  const former = new Map(before.nodes.map((node) => [node.path, node]))
  return after.nodes.flatMap((node) => {
    const old = former.get(node.path)
    const reason = old && reasonOf(old, node)
    return old === undefined || reason === undefined ? [] : [{ before: old, after: node, reason }]
  })
}

function reasonOf(before: Node, after: Node): ChangedNode['reason'] | undefined {
  const body = before.bodyHash !== after.bodyHash
  const frontmatter = before.frontmatterHash !== after.frontmatterHash
  if (body && frontmatter) return 'both'
  return body ? 'body' : frontmatter ? 'frontmatter' : undefined
}
