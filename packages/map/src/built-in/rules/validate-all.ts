import type { Problem } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import { linkSchema, nodeSchema } from '../../graph-schema.ts'
import type { FoundIssue, Rule } from '../../kernel/extension.ts'

const nodesByForm = validatorOf(nodeSchema)
const linksByForm = validatorOf(linkSchema)

/** A node or a link that does not have the form which the specification gives it. */
export const validateAll: Rule = {
  id: 'validate-all',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['validate-all'],
  defaultSeverity: 'error',
  evaluate: ({ nodes, links }) => [
    ...nodes.flatMap((node) => issueOf('node', node.path, nodesByForm.problems(node))),
    ...links.flatMap((link) => issueOf('link', link.source, linksByForm.problems(link))),
  ],
}

function issueOf(target: 'node' | 'link', path: string, problems: readonly Problem[]): FoundIssue[] {
  if (problems.length === 0) return []
  const errors = problems.map(({ pointer, message }) => `${pointer} ${message}`.trim())
  return [
    {
      ruleId: 'validate-all',
      nodeIds: [path],
      message: `A ${target} of ${path} does not have its form: ${errors.join('; ')}.`,
      data: { target, path, errors },
    },
  ]
}
