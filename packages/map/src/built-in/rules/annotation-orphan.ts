import type { Rule } from '../../kernel/extension.ts'

/** A sidecar that lies beside nothing. */
export const annotationOrphan: Rule = {
  id: 'annotation-orphan',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['annotation-orphan'],
  defaultSeverity: 'warn',
  evaluate: ({ orphanSidecars }) =>
    orphanSidecars.map(({ relativePath, expectedMdPath }) => ({
      ruleId: 'annotation-orphan',
      nodeIds: [expectedMdPath],
      message: `${relativePath} is the sidecar of ${expectedMdPath}, which is not there.`,
      data: { sidecarPath: relativePath, expectedMdPath },
    })),
}
