import type { Link } from '../../graph-schema.ts'
import type { Rule } from '../../kernel/extension.ts'

/** Two nodes between which extractors found links of different kinds. */
export const linkConflict: Rule = {
  id: 'link-conflict',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['link-conflict'],
  defaultSeverity: 'warn',
  evaluate: ({ links }) =>
    [...Map.groupBy(links, ({ source, target }) => JSON.stringify([source, target])).values()].flatMap((between) => {
      const variants = [...Map.groupBy(between, ({ kind }) => kind)].map(variantOf)
      const [first] = between
      if (first === undefined || variants.length < 2) return []
      const { source, target } = first
      return {
        ruleId: 'link-conflict',
        nodeIds: [source, target],
        message: `${source} is linked to ${target} as ${variants.map(({ kind }) => kind).join(' and as ')}.`,
        data: { source, target, variants },
      }
    }),
}

const STRENGTH: Record<Link['confidence'], number> = { low: 0, medium: 1, high: 2 }

/** All links of one kind, with the confidence of the surest. */
function variantOf([kind, links]: [Link['kind'], Link[]]) {
  const sources = [...new Set(links.flatMap((link) => link.sources))].toSorted()
  const [surest = 'low'] = links.map(({ confidence }) => confidence).toSorted((a, b) => STRENGTH[b] - STRENGTH[a])
  return { kind, sources, confidence: surest }
}
