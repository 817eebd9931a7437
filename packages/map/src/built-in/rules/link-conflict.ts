import type { Link } from '../../graph-schema.ts'
import type { FoundIssue, Rule } from '../../kernel/extension.ts'

/** Two nodes between which extractors found links of different kinds. */
export const linkConflict: Rule = {
  id: 'link-conflict',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['link-conflict'],
  defaultSeverity: 'warn',
  dependsOn: { links: true, each: true },
  evaluate: ({ links }) =>
    [...Map.groupBy(links, ({ source }) => source)].flatMap(([source, from]) =>
      targetsInConflict(from).map((target) => issueOf(source, target, from)),
    ),
}

/** Of links with one source. Nearly all have none, so that no more is made of them than a look at each. */
function targetsInConflict(links: readonly Link[]): string[] {
  const kinds = new Map<string, Link['kind']>()
  const conflicts = new Set<string>()
  for (const { target, kind } of links) {
    const before = kinds.get(target)
    if (before === undefined) kinds.set(target, kind)
    else if (before !== kind) conflicts.add(target)
  }
  return conflicts.size === 0 ? [] : [...kinds.keys()].filter((target) => conflicts.has(target))
}

function issueOf(source: string, target: string, from: readonly Link[]): FoundIssue {
  const between = from.filter((link) => link.target === target)
  const variants = [...Map.groupBy(between, ({ kind }) => kind)].map(variantOf)
  return {
    ruleId: 'link-conflict',
    nodeIds: [source, target],
    message: `${source} is linked to ${target} as ${variants.map(({ kind }) => kind).join(' and as ')}.`,
    data: { source, target, variants },
  }
}

const STRENGTH: Record<Link['confidence'], number> = { low: 0, medium: 1, high: 2 }

/** All links of one kind, with the confidence of the surest. */
function variantOf([kind, links]: [Link['kind'], Link[]]) {
  const sources = [...new Set(links.flatMap((link) => link.sources))].toSorted()
  const [surest = 'low'] = links.map(({ confidence }) => confidence).toSorted((a, b) => STRENGTH[b] - STRENGTH[a])
  return { kind, sources, confidence: surest }
}
