import type { Problem } from '@tenon/contract'

export const TEST_GATES = ['types', 'lint', 'unit', 'behavior', 'fixtures', 'perf'] as const
export type TestGate = (typeof TEST_GATES)[number]

/**
 * `inconclusive`: what was to be told could not be told here, which is no success. `idle`: there was nothing to be told, which
 * is none either, and no failure.
 */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'idle'

/** What came of one gate. `notes` say what people want to know besides, such as how much was covered. */
export type TestOutcome = { verdict: Verdict; checked: number; problems: Problem[]; notes: string[]; details?: object }

/** A gate that found nothing to say against a plugin passes it, if it looked at anything. */
export const judged = (checked: number, problems: Problem[], notes: string[] = []): TestOutcome => ({
  verdict: problems.length > 0 ? 'fail' : checked > 0 ? 'pass' : 'idle',
  ...{ checked, problems, notes },
})

/** What all verdicts together come to. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
  (['fail', 'inconclusive', 'pass'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'idle'
