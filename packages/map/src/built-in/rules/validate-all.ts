import type { Problem } from '@tenon/contract'
import { validatorOf, type Validator } from '@tenon/contract/schema'
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
  dependsOn: { nodes: [[]], links: true, each: true },
  evaluate: ({ nodes, links }) => [
    ...issuesOf('node', nodes, nodesByForm, ({ path }) => path),
    ...issuesOf('link', links, linksByForm, ({ source }) => source),
  ],
}

const issuesOf = <T>(
  target: 'node' | 'link',
  things: readonly T[],
  validator: Validator<unknown>,
  pathOf: (thing: T) => string,
): FoundIssue[] =>
  things
    .filter((thing) => !validator.is(thing))
    .map((thing) => issueOf(target, pathOf(thing), validator.problems(thing)))

function issueOf(target: 'node' | 'link', path: string, problems: readonly Problem[]): FoundIssue {
  const errors = problems.map(({ pointer, message }) => `${pointer} ${message}`.trim())
  return {
    ruleId: 'validate-all',
    nodeIds: [path],
    message: `A ${target} of ${path} does not have its form: ${errors.join('; ')}.`,
    data: { target, path, errors },
  }
}
