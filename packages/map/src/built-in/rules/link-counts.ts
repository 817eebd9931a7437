import type { Rule } from '../../kernel/extension.ts'

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
  dependsOn: { nodes: [['linksOutCount'], ['linksInCount']], each: true },
  evaluate: ({ nodes, emitContribution }) => {
    for (const { path, linksOutCount, linksInCount } of nodes) {
      emitContribution(path, 'linksOut', { value: linksOutCount })
      emitContribution(path, 'linksIn', { value: linksInCount })
    }
    return []
  },
}
