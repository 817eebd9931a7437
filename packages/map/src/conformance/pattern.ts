import { Script } from 'node:vm'
import { limits } from '@tenon/contract'

const search = new Script('new RegExp(pattern).test(text)')

/**
 * Whether a foreign pattern is found in a text, or undefined when that takes too long. Nothing but this expression runs
 * there; a script is the one thing whose time Node bounds.
 */
export function isFound(pattern: string, text: string): boolean | undefined {
  try {
    return search.runInNewContext({ pattern, text }, { timeout: limits.foreignPatternMs }) as boolean
  } catch (thrown) {
    // It may come from the script's own realm, whose errors are none of ours.
    if ((Object(thrown) as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw thrown
  }
}
