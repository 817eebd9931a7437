import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeTrials, type Trial, type Trials } from '@tenon/authoring'
import { simulatedWorld } from '@tenon/testkit'

const METHOD = { trials: 5, baseline: 'merge-base' as const, max_regression_pct: 20, noise_floor_ms: 1 }

/** Trials of one call each, which takes so long. */
const taking = (...calls: number[]): Trial[] => calls.map((ms) => ({ calls: [ms], wallMs: ms, rss: 64 }))
const regression = (head: number[], base: number[], method: Partial<typeof METHOD> = {}): string | undefined =>
  judgeTrials({ slo: {}, method: { ...METHOD, ...method } }, { head: taking(...head), base: taking(...base) }, 1)[0]
    ?.verdict

const cases: [string, number[], number[], string][] = [
  ['as fast as before', [10, 10, 10, 10, 10], [10, 10, 10, 10, 10], 'pass'],
  ['faster', [5, 5, 5, 5, 5], [10, 10, 10, 10, 10], 'pass'],
  ['slower by less than the percentage', [11, 11, 11, 11, 11], [10, 10, 10, 10, 10], 'pass'],
  [
    'slower by more than the percentage and less than the floor',
    [0.9, 0.9, 0.9, 0.9, 0.9],
    [0.3, 0.3, 0.3, 0.3, 0.3],
    'pass',
  ],
  ['slower by more than both', [15, 15.2, 14.9, 15, 15.1], [10, 10.1, 9.9, 10, 10.2], 'fail'],
  ['twice as slow, and noisy', [22, 20, 24, 21, 23], [10, 12, 11, 10, 11], 'fail'],
  ['slower in the middle, but not always', [15, 15, 9, 15, 15], [10, 10, 10, 10, 10], 'inconclusive'],
  ['slower by less than trials differ', [14, 13, 16, 14, 18], [10, 12, 9, 10, 11], 'inconclusive'],
  [
    'as fast, by trials that differ by more than what is allowed',
    [10, 20, 6, 10, 10],
    [10, 10, 10, 10, 10],
    'inconclusive',
  ],
]

test.each(cases)('a plugin that is %s', (_what, head, base, verdict) => {
  expect(regression(head, base)).toBe(verdict)
})

const limits: [string, object, number[], number, string][] = [
  ['within its limit', { p95: 20 }, [10, 12, 11, 10, 13], 1, 'pass'],
  ['over its limit in every trial', { p95: 9 }, [10, 12, 11, 10, 13], 1, 'fail'],
  ['over its limit in most trials', { p95: 10.5 }, [10, 12, 11, 10, 13], 1, 'inconclusive'],
  ['over its limit once', { p95: 12 }, [10, 11, 11, 10, 13], 1, 'pass'],
  ['over a limit that a machine half as fast gets twice', { p50: 9 }, [10, 12, 11, 10, 13], 2, 'pass'],
  ['over a limit that a faster machine does not lower', { p99: 20 }, [18, 18, 18, 18, 18], 0.5, 'pass'],
  ['asked as often as it is to be', { rps: 50 }, [10, 12, 11, 10, 13], 1, 'pass'],
  ['asked less often in every trial', { rps: 200 }, [10, 12, 11, 10, 13], 1, 'fail'],
  ['asked less often in most trials', { rps: 90 }, [10, 12, 12, 10, 13], 1, 'inconclusive'],
  ['asked less often, on a machine a third as fast', { rps: 200 }, [10, 12, 11, 10, 13], 3, 'pass'],
  ['larger than it may be', { rss: 32 }, [10, 10, 10, 10, 10], 4, 'fail'],
]

test.each(limits)('a plugin that is %s', (_what, slo, head, slowness, verdict) => {
  expect(judgeTrials({ slo, method: METHOD }, { head: taking(...head) }, slowness)[0]?.verdict).toBe(verdict)
})

test('memory that nobody can tell is inconclusive', () => {
  const trials: Trials = { head: [{ calls: [1], wallMs: 1 }] }
  expect(judgeTrials({ slo: { rss: 32 }, method: METHOD }, trials, 1)).toMatchObject([{ verdict: 'inconclusive' }])
})

test('a plugin that did not change never fails, whatever the noise', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(),
        usualMs: fc.double({ min: 0.05, max: 500, noNaN: true }),
        noise: fc.double({ min: 0, max: 3, noNaN: true }),
        trials: fc.integer({ min: 5, max: 15 }),
      }),
      ({ seed, usualMs, noise, trials }) => {
        const { random } = simulatedWorld(seed)
        const measured = (): number[] =>
          Array.from({ length: trials }, () => {
            const [byte = 0, other = 0] = random(2)
            return usualMs * (1 + (noise * (byte * 256 + other)) / 65_536)
          })
        expect(regression(measured(), measured(), { noise_floor_ms: 0 })).not.toBe('fail')
      },
    ),
    { numRuns: 500, seed: 20_261_122 },
  )
})

test('a plugin that became twice as slow fails, where trials differ by less than a tenth', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 2, max: 500, noNaN: true }), (seed, usualMs) => {
      const { random } = simulatedWorld(seed)
      const measured = (ms: number): number[] => Array.from({ length: 5 }, () => ms * (1 + (random(1)[0] ?? 0) / 2_600))
      expect(regression(measured(2 * usualMs), measured(usualMs))).toBe('fail')
    }),
    { numRuns: 200, seed: 20_261_122 },
  )
})
