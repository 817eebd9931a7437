import type { Node } from '../graph-schema.ts'
import type { Rule } from '../kernel/extension.ts'
import { normalizeTrigger } from '../text/trigger.ts'

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

const nameOf = ({ frontmatter }: Node): string[] =>
  typeof frontmatter?.['name'] === 'string' ? [frontmatter['name']] : []

/** A node whose sidecar names its successor. */
export const superseded: Rule = {
  id: 'superseded',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['superseded'],
  defaultSeverity: 'info',
  evaluate: ({ nodes }) =>
    nodes.flatMap(({ path, sidecar }) => {
      const supersededBy = sidecar?.annotations?.['supersededBy']
      return typeof supersededBy === 'string'
        ? [
            {
              ruleId: 'superseded',
              nodeIds: [path],
              message: `${path} is superseded by ${supersededBy}.`,
              data: { supersededBy },
            },
          ]
        : []
    }),
}

/** Shows how many links leave and reach a node. */
export const linkCounts: Rule = {
  id: 'link-counts',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['link-counts'],
  defaultSeverity: 'info',
  viewContributions: {
    linksOut: { contract: 'node-counter', icon: 'pi-arrow-up-right', label: 'out' },
    linksIn: { contract: 'node-counter', icon: 'pi-arrow-down-left', label: 'in' },
  },
  evaluate: ({ nodes, emitContribution }) => {
    for (const { path, linksOutCount, linksInCount } of nodes) {
      emitContribution(path, 'linksOut', { value: linksOutCount })
      emitContribution(path, 'linksIn', { value: linksInCount })
    }
    return []
  },
}
