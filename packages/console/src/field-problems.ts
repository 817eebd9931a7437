import type { Problem } from '@tenon/contract'
import { HostProblem } from './api.ts'

const fieldOf = ({ pointer }: Problem): string => pointer.split('/')[1] ?? ''

const problemsOf = (thrown: Error | null): Problem[] =>
  thrown instanceof HostProblem ? (thrown.facts.errors ?? []) : []

/** What is wrong with each field, by its name. */
export function byField(problems: readonly Problem[]): Partial<Record<string, string>> {
  const grouped = Object.groupBy(problems, fieldOf)
  return Object.fromEntries(
    Object.entries(grouped).map(([field, group = []]) => [field, group.map(({ message }) => message).join('; ')]),
  )
}

export const refusedFields = (thrown: Error | null): Partial<Record<string, string>> => byField(problemsOf(thrown))

/** Whether fields of these names say all that is wrong. */
export function isSaidAt(fields: readonly string[], thrown: Error): boolean {
  const problems = problemsOf(thrown)
  return problems.length > 0 && problems.every((problem) => fields.includes(fieldOf(problem)))
}
