import type { Scan, ScanIssue, ScanLink, ScanNode } from './scan.ts'

/** A link with the node that it leads to, if there is exactly one. */
export type Connection = { link: ScanLink; to: string | undefined }

export type NodeFacts = { node: ScanNode; out: Connection[]; in: Connection[]; issues: ScanIssue[] }

/** Every node by its path, with what leads out of it and into it. */
export function factsByPath({ nodes, links, issues }: Scan): Map<string, NodeFacts> {
  const facts = new Map<string, NodeFacts>()
  for (const node of nodes) facts.set(node.path, { node, out: [], in: [], issues: [] })
  const pathsByName = pathsOfNames(nodes)
  for (const link of links) {
    const to = facts.has(link.target) ? link.target : pathOfTrigger(link, pathsByName)
    facts.get(link.source)?.out.push({ link, to })
    if (to !== undefined) facts.get(to)?.in.push({ link, to })
  }
  for (const issue of issues) for (const path of new Set(issue.nodeIds)) facts.get(path)?.issues.push(issue)
  return facts
}

/** `/deploy` and `@reviewer` name a node by the name in its front matter; a name that several bear leads nowhere. */
function pathOfTrigger({ trigger }: ScanLink, pathsByName: Map<string, string[]>): string | undefined {
  if (trigger === undefined || trigger === null) return undefined
  const [path, another] = pathsByName.get(trigger.normalizedTrigger.replace(/^[/@]/, '')) ?? []
  return another === undefined ? path : undefined
}

function pathsOfNames(nodes: ScanNode[]): Map<string, string[]> {
  const paths = new Map<string, string[]>()
  for (const { path, frontmatter } of nodes) {
    const name = frontmatter?.['name']
    if (typeof name !== 'string' || name.trim() === '') continue
    const key = normalized(name)
    paths.set(key, [...(paths.get(key) ?? []), path])
  }
  return paths
}

/** Skill-map's trigger normalisation, step by step in its order. */
const normalized = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/[-_\s]+/g, ' ')
    .trim()
