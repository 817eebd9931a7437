import type { Problem } from '@tenon/contract'

/** Why a case cannot be run. */
export const caseProblem = (pointer: string, message: string): Problem => ({ pointer, code: 'CASE_INVALID', message })
