import type { Rule } from '../../kernel/extension.ts'
import { normalizeTrigger } from '../../text/trigger.ts'
import { nameOf } from './name-of.ts'

/** A link whose trigger names no node and whose target is no node's path. */
export const brokenRef: Rule = {
  id: 'broken-ref',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['broken-ref'],
  defaultSeverity: 'warn',
  evaluate: ({ nodes, links }) => {
    const paths = new Set(nodes.map(({ path }) => path))
    const names = new Set(nodes.flatMap(nameOf).map(normalizeTrigger))
    return links
      .filter(({ target, trigger }) => {
        const name = trigger?.normalizedTrigger.replace(/^[/@]/, '')
        return !paths.has(target) && (name === undefined || !names.has(name))
      })
      .map(({ source, target, kind, trigger }) => ({
        ruleId: 'broken-ref',
        nodeIds: [source],
        message: `${source} ${kind} "${target}", which is not there.`,
        data: { target, kind, trigger: trigger?.normalizedTrigger ?? null },
      }))
  },
}
