import type { Rule } from '../../kernel/extension.ts'

/** What was kept to be shown of a node that is not there any more. */
export const contributionOrphan: Rule = {
  id: 'contribution-orphan',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['contribution-orphan'],
  defaultSeverity: 'warn',
  evaluate: ({ strandedContributions }) =>
    strandedContributions.map(({ nodePath, pluginId, extensionId, contributionId }) => {
      const id = `${pluginId}/${extensionId}/${contributionId}`
      return {
        ruleId: 'contribution-orphan',
        nodeIds: [nodePath],
        message: `${id} was shown of ${nodePath}, which is not there any more.`,
        data: { pluginId, extensionId, contributionId, nodePath },
      }
    }),
}
