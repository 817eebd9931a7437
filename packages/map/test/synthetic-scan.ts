import { linksOf } from '../src/kernel/snapshot.ts'
import type { Contribution, Issue, Link, Node, Scan } from '@tenon/map'

const HASH = '0'.repeat(64)

export const nodeAt = (path: string, more: Partial<Node> = {}): Node => ({
  path,
  kind: 'markdown',
  provider: 'markdown',
  bodyHash: HASH,
  frontmatterHash: HASH,
  bytes: { frontmatter: 0, body: 1, total: 1 },
  linksOutCount: 0,
  linksInCount: 0,
  externalRefsCount: 0,
  frontmatter: {},
  sidecar: { present: false },
  ...more,
})

export const linkOf = (source: string, target: string): Link => ({
  source,
  target,
  kind: 'mentions',
  confidence: 'low',
  sources: ['at-directive'],
})

export const issueOn = (path: string): Issue => ({
  ruleId: 'broken-ref',
  severity: 'warn',
  nodeIds: [path],
  message: `About ${path}.`,
})

type Parts = { nodes?: Node[]; links?: Link[]; issues?: Issue[]; scannedAt?: number } & Omit<Partial<Scan>, 'links'>

/** A scan that holds these parts, as if the files had been there. */
export const scanWith = ({ nodes = [], links = [], issues = [], scannedAt = 1, ...more }: Parts): Scan => ({
  result: {
    schemaVersion: 1,
    scannedAt,
    scannedBy: { name: 'tenon', version: '0.1.0', specVersion: '0.19.0' },
    scope: 'project',
    roots: ['.'],
    providers: ['markdown'],
    nodes,
    links,
    issues,
    stats: {
      filesWalked: nodes.length,
      filesSkipped: 0,
      nodesCount: nodes.length,
      linksCount: links.length,
      issuesCount: issues.length,
      durationMs: 1,
    },
  },
  links: linksOf(links),
  contributions: new Map(),
  extractorRuns: new Map(),
  enrichments: [],
  renames: [],
  knowledge: { inputs: {}, files: new Map(), complaints: new Map(), folders: [], judged: new Map() },
  cached: () => false,
  reads: (extension) => extension === '.md',
  faults: [],
  ...more,
})

const linksOutOf = (nodePath: string): Contribution => ({
  ...{ pluginId: 'core', extensionId: 'link-counts', nodePath, contributionId: 'linksOut' },
  ...{ contract: 'node-counter', payload: { value: 3 } },
})

/** A scan of so many nodes, each with three links, an issue, five runs and a contribution. */
export function largeScan(count: number, scannedAt = 1): Scan {
  const nodes = Array.from({ length: count }, (_, index) => nodeAt(`d${index % 100}/n${index}.md`))
  return scanWith({
    nodes,
    links: nodes.flatMap(({ path }, index) => [1, 2, 3].map((step) => linkOf(path, `/n${index + step}`))),
    issues: nodes.map(({ path }) => issueOn(path)),
    scannedAt,
    extractorRuns: new Map(
      nodes.map((node) => [
        node.path,
        { node: { bodyHash: HASH }, lookedAtBy: new Set(['core/a', 'core/b', 'core/c', 'core/d', 'core/e']) },
      ]),
    ),
    contributions: new Map(nodes.map(({ path }) => [path, [linksOutOf(path)]])),
  })
}
