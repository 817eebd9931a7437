import type { Rule } from '../../kernel/extension.ts'
import { VIEW_CONTRACTS } from '../../kernel/view-contracts.ts'

/** Something to be shown by a contract that is not in the catalogue, as of a plugin that was loaded before the catalogue changed. */
export const unknownContract: Rule = {
  id: 'unknown-contract',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['unknown-contract'],
  defaultSeverity: 'warn',
  evaluate: ({ viewContributions }) =>
    viewContributions
      .filter(({ contract }) => !(VIEW_CONTRACTS as readonly string[]).includes(contract))
      .map(({ pluginId, extensionId, contributionId, contract }) => {
        const id = `${pluginId}/${extensionId}/${contributionId}`
        return {
          ruleId: 'unknown-contract',
          // It is about no node, and an issue has to name something.
          nodeIds: [id],
          message: `${id} is to be shown by "${contract}", which is no view contract.`,
          data: { pluginId, extensionId, contributionId, contract },
        }
      }),
}
