import type { Rule } from '../../kernel/extension.ts'

/** A node that changed since its sidecar was written. */
export const annotationStale: Rule = {
  id: 'annotation-stale',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['annotation-stale'],
  defaultSeverity: 'warn',
  dependsOn: { nodes: [['sidecar', 'status']], each: true },
  evaluate: ({ nodes }) =>
    nodes.flatMap(({ path, sidecar }) => {
      const status = sidecar?.status ?? 'fresh'
      if (status === 'fresh') return []
      return {
        ruleId: 'annotation-stale',
        nodeIds: [path],
        message: `${path} changed since its sidecar was written (${status}).`,
        data: { status },
      }
    }),
}
