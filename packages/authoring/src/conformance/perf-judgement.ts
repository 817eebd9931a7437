import { assert, type PerfDocument } from '@tenon/contract'
import type { Verdict } from './gate.ts'

/** One trial: how long each call took in milliseconds, all of them together, and what the process held at its end, in MiB. */
export type Trial = { calls: readonly number[]; wallMs: number; rss?: number | undefined }

/** Trials of the plugin as it is, and, paired with them one by one, as it was. */
export type Trials = { head: readonly Trial[]; base?: readonly Trial[] }

export type Finding = { what: string; verdict: Verdict; why: string }

type Terms = Pick<PerfDocument, 'slo' | 'method'>

/**
 * What trials say of a budget. `slowness` is how much slower this machine is than the one the limits are meant for; a faster
 * one is no reason to ask for more. Nothing but its arguments decides.
 */
export function judgeTrials({ slo, method }: Terms, { head, base }: Trials, slowness: number): Finding[] {
  const regression = base === undefined ? [] : [judgeRegression(method, head.map(medianCall), base.map(medianCall))]
  return [...judgeLimits(slo, head, Math.max(1, slowness)), ...regression]
}

/**
 * Slower than before only if the medians are apart by more than the percentage and the floor that are allowed, and if even the
 * fastest trial of now is behind the slowest of before by more than either side differs within itself. Where trials differ by
 * more than what is allowed, they cannot tell.
 */
function judgeRegression(method: PerfDocument['method'], head: readonly number[], base: readonly number[]): Finding {
  const [now, before] = [median(head), median(base)]
  const allowed = Math.max((before * method.max_regression_pct) / 100, method.noise_floor_ms)
  const noise = Math.max(spread(head), spread(base))
  const gap = Math.min(...head) - Math.max(...base)
  const why = `the median call takes ${ms(now)}, it took ${ms(before)}; ${ms(allowed)} more is allowed, trials differ by ${ms(noise)}`
  const found = (verdict: Verdict): Finding => ({ what: 'regression', verdict, why })
  if (now - before > allowed) return found(gap > noise ? 'fail' : 'inconclusive')
  return found(noise > allowed ? 'inconclusive' : 'pass')
}

type Limits = PerfDocument['slo']

function judgeLimits(slo: Limits, head: readonly Trial[], slowness: number): Finding[] {
  const quantiles = (
    [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const
  ).flatMap(([name, share]) =>
    slo[name] === undefined
      ? []
      : [
          atMost(
            name,
            head.map(({ calls }) => quantile(calls, share)),
            slo[name] * slowness,
          ),
        ],
  )
  const rss = head.flatMap((trial) => trial.rss ?? [])
  return [
    ...quantiles,
    ...(slo.rps === undefined ? [] : [atLeast('rps', head.map(rate), slo.rps / slowness)]),
    ...(slo.rss === undefined ? [] : [rss.length === 0 ? untold : atMost('rss', rss, slo.rss)]),
  ]
}

const untold: Finding = { what: 'rss', verdict: 'inconclusive', why: 'nothing here tells how much memory it holds' }

/** Over a limit is what was over it in each trial; what was over it in some of them may be so by chance. */
function atMost(what: string, values: readonly number[], limit: number): Finding {
  const over = values.filter((value) => value > limit).length
  const verdict = over === values.length ? 'fail' : median(values) > limit ? 'inconclusive' : 'pass'
  return {
    what,
    verdict,
    why: `${round(median(values))} in the middle, ${round(limit)} at most, over it in ${over} of ${values.length} trials`,
  }
}

function atLeast(what: string, values: readonly number[], limit: number): Finding {
  const under = values.filter((value) => value < limit).length
  const verdict = under === values.length ? 'fail' : median(values) < limit ? 'inconclusive' : 'pass'
  return {
    what,
    verdict,
    why: `${round(median(values))} in the middle, ${round(limit)} at least, under it in ${under} of ${values.length} trials`,
  }
}

const medianCall = ({ calls }: Trial): number => median(calls)
const rate = ({ calls, wallMs }: Trial): number => (calls.length * 1_000) / wallMs
const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values)
const round = (value: number): string => String(Math.round(value * 1_000) / 1_000)
const ms = (value: number): string => `${round(value)} ms`

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** The smallest value that a share of all values does not pass. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.ceil(sorted.length * share) - 1]
  assert(value !== undefined, 'there are values to take one of')
  return value
}
