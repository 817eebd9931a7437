import { TenonError } from '@tenon/contract'
import { LEVELS, type Level } from '@tenon/sandbox'

/** The level that a person named; undefined when they named none. */
export function levelNamed(name: string | undefined): Level | undefined {
  const level = LEVELS.find((known) => known === name)
  if (level === undefined && name !== undefined)
    throw new TenonError('USAGE', `"${name}" is no isolation level`, { hint: `The levels are ${LEVELS.join(', ')}.` })
  return level
}
