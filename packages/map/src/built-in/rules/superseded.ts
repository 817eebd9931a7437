import type { Rule } from '../../kernel/extension.ts'

/** A node whose sidecar names its successor. */
export const superseded: Rule = {
  id: 'superseded',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['superseded'],
  defaultSeverity: 'info',
  dependsOn: { nodes: [['sidecar', 'annotations', 'supersededBy']], each: true },
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
