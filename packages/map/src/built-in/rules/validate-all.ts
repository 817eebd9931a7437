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
  evaluate: ({ nodes, links }) => [
    ...issuesOf('node', nodes, nodesByForm, ({ path }) => path),
    ...issuesOf('link', links, linksByForm, ({ source }) => source),
  ],
}

/** What has its form and cannot change any more, which is looked at once. */
const known = new WeakSet<object>()

function issuesOf<T extends object>(
  target: 'node' | 'link',
  things: readonly T[],
  validator: Validator<unknown>,
  pathOf: (thing: T) => string,
): FoundIssue[] {
  if (known.has(things)) return []
  const issues = things.flatMap((thing) => {
    if (known.has(thing)) return []
    if (!validator.is(thing)) return issueOf(target, pathOf(thing), validator.problems(thing))
    if (Object.isFrozen(thing)) known.add(thing)
    return []
  })
  if (issues.length === 0 && Object.isFrozen(things)) known.add(things)
  return issues
}

function issueOf(target: 'node' | 'link', path: string, problems: readonly Problem[]): FoundIssue {
  const errors = problems.map(({ pointer, message }) => `${pointer} ${message}`.trim())
  return {
    ruleId: 'validate-all',
    nodeIds: [path],
    message: `A ${target} of ${path} does not have its form: ${errors.join('; ')}.`,
    data: { target, path, errors },
  }
}
