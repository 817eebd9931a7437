import type { Rule } from '../../kernel/extension.ts'
import { normalNameOf } from './name-of.ts'

/** A link whose trigger names no node and whose target is no node's path. */
export const brokenRef: Rule = {
  id: 'broken-ref',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['broken-ref'],
  defaultSeverity: 'warn',
  dependsOn: { nodes: [['frontmatter', 'name']], links: true },
  evaluate: ({ nodes, links }) => {
    const paths = new Set(nodes.map(({ path }) => path))
    const names = new Set(nodes.flatMap(normalNameOf))
    return links
      .filter(({ target, trigger }) => {
        if (paths.has(target)) return false
        const name = trigger?.normalizedTrigger.replace(/^[/@]/, '')
        return name === undefined || !names.has(name)
      })
      .map(({ source, target, kind, trigger }) => ({
        ruleId: 'broken-ref',
        nodeIds: [source],
        message: `${source} ${kind} "${target}", which is not there.`,
        data: { target, kind, trigger: trigger?.normalizedTrigger ?? null },
      }))
  },
}
