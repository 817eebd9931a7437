import { TenonError } from '@tenon/contract'
import { nearest } from '@tenon/contract/schema'
import type { Issue, ScanResult } from '../graph-schema.ts'
import type { ExtensionSource } from '../kernel/extension.ts'
import { openRegistry } from '../kernel/registry.ts'
import { unknownNode } from './show-node.ts'

export type IssueFilter = {
  /** The path of a node. */
  node?: string
  /** Ids that issues bear, or rules, each by its own id or with its plugin's (`core/broken-ref`). */
  rules?: readonly string[]
}

/** What the kernel itself finds fault with. */
const KERNEL_RULES = [
  'frontmatter-invalid',
  'frontmatter-malformed',
  'invalid-sidecar',
  'auto-rename-medium',
  'auto-rename-ambiguous',
  'orphan',
]

/**
 * The issues of a scan that are asked for. Throws NODE_UNKNOWN and RULE_UNKNOWN, for whoever mistypes a name must not be
 * told that all is well.
 */
export function checkIssues(
  { nodes, issues }: Pick<ScanResult, 'nodes' | 'issues'>,
  { node, rules }: IssueFilter,
  extensions: readonly ExtensionSource[],
): Issue[] {
  const about = node === undefined ? issues : issues.filter(({ nodeIds }) => nodeIds.includes(node))
  // Some issues are about what is no node: what was deleted, or never there.
  if (node !== undefined && about.length === 0 && !nodes.some(({ path }) => path === node)) throw unknownNode(node)
  if (rules === undefined) return about
  const ids = issueIds(rules, issues, extensions)
  return about.filter(({ ruleId }) => ids.has(ruleId))
}

/** The rules that ask a model, which no scan and no check runs; among those that these names stand for, if there are some. */
export const modelRules = (extensions: readonly ExtensionSource[], names?: readonly string[]): string[] =>
  openRegistry(extensions, { keys: [], kinds: [] })
    .rules.filter(({ manifest }) => manifest.mode === 'probabilistic')
    .filter(
      ({ key, manifest }) =>
        names === undefined || [key, manifest.id, ...manifest.emitsRuleIds].some((id) => names.includes(id)),
    )
    .map(({ key }) => key)

/** The ids of issues that these names stand for. */
function issueIds(
  names: readonly string[],
  issues: readonly Issue[],
  extensions: readonly ExtensionSource[],
): Set<string> {
  const ids = new Map<string, string[]>()
  for (const id of [...KERNEL_RULES, ...issues.map(({ ruleId }) => ruleId)]) ids.set(id, [id])
  for (const { key, manifest } of openRegistry(extensions, { keys: [], kinds: [] }).rules) {
    for (const id of manifest.emitsRuleIds) ids.set(id, [id])
    ids.set(key, manifest.emitsRuleIds)
    ids.set(manifest.id, [...(ids.get(manifest.id) ?? []), ...manifest.emitsRuleIds])
  }
  const unknown = names.filter((name) => !ids.has(name))
  if (unknown.length > 0) throw unknownRules(unknown, [...ids.keys()])
  return new Set(names.flatMap((name) => ids.get(name) ?? []))
}

function unknownRules(names: readonly string[], known: readonly string[]): TenonError {
  const meant = nearest(names[0] ?? '', known)
  return new TenonError('RULE_UNKNOWN', `there is no rule ${names.map((name) => `"${name}"`).join(' and no rule ')}`, {
    hint: meant === undefined ? `There are: ${[...known].sort().join(', ')}.` : `Did you mean "${meant}"?`,
  })
}
