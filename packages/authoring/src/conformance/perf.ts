import { asTenonError, TenonError, type Json, type Problem, type World } from '@tenon/contract'
import { calibrated } from './calibration.ts'
import { judged, worst, type TestOutcome } from './gate.ts'
import { readBudgets, type Budget } from './perf-file.ts'
import { judgeTrials, median, type Finding, type Trial, type Trials } from './perf-judgement.ts'
import type { Candidate, HostScene, OpenScene, Scene } from './scene.ts'

/** What the plugin is compared with: itself as it was, nothing because it is new, or nothing because nobody can tell. */
export type Baseline = { openScene: OpenScene } | 'new' | 'unknown'

export type PerfPorts = {
  world: World
  openScene: OpenScene
  baseline(): Promise<Baseline>
  /** The policy's limit for the 95th of 100 calls, in milliseconds. */
  p95Max: number | undefined
  told(budget: Budget): void
}

/**
 * Measures each budget in trials that take turns: the plugin as it is, then as it was, then the other way around, so that what
 * goes on beside on the machine hits both. What trials cannot tell is inconclusive, never a failure.
 */
export async function checkPerf(candidate: Candidate, ports: PerfPorts): Promise<TestOutcome> {
  const { budgets, problems } = readBudgets(candidate, ports.p95Max)
  if (budgets.length === 0) return judged(0, problems, problems.length === 0 ? ['no budget'] : [])
  const calibration = calibrated(ports.world)
  const isCompared = budgets.some(({ document }) => document.method.baseline === 'merge-base')
  const baseline = isCompared ? await ports.baseline() : 'new'
  const measured: Measured[] = []
  for (const budget of budgets) {
    ports.told(budget)
    try {
      measured.push(await measuredBudget(budget, ports, baseline, calibration.slowness))
    } catch (thrown) {
      problems.push(callFailed(budget, asTenonError(thrown)))
    }
  }
  const findings = measured.flatMap(({ budget, findings: found }) => found.map((one) => ({ ...one, budget })))
  const failed = findings
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ budget, ...one }) => problemOf(budget, one))
  return {
    ...judged(budgets.length, [...problems, ...failed]),
    verdict: worst([...(problems.length > 0 ? (['fail'] as const) : []), ...findings.map(({ verdict }) => verdict)]),
    notes: findings.map(({ budget, what, verdict, why }) => `${budget.operation} ${what}: ${verdict}, ${why}`),
    details: { calibration, budgets: measured.map(reported) },
  }
}

type Measured = { budget: Budget; trials: Trials; findings: Finding[] }

const problemOf = ({ file }: Budget, { what, why }: Finding): Problem => ({
  ...{ pointer: '', file, code: what === 'regression' ? 'PERF_REGRESSION' : 'PERF_LIMIT', message: `${what}: ${why}` },
})

const callFailed = ({ file, operation }: Budget, { code, message }: TenonError): Problem => ({
  ...{ pointer: '', file, code: 'PERF_CALL_FAILED', message: `${operation} refuses with ${code}: ${message}` },
  hint: 'A workload is made of calls that are answered.',
})

const reported = ({ budget, trials: { head, base }, findings }: Measured): object => ({
  operation: budget.operation,
  findings,
  medians: { head: head.map(({ calls }) => median(calls)), base: base?.map(({ calls }) => median(calls)) ?? null },
})

async function measuredBudget(
  budget: Budget,
  ports: PerfPorts,
  baseline: Baseline,
  slowness: number,
): Promise<Measured> {
  const { world, openScene } = ports
  await using present = await openScene()
  const alone = async (why?: string): Promise<Measured> => {
    const head = sideOf(present)
    await takeTurns(budget, [head], world)
    const measured = withTrials(budget, { head: head.trials }, slowness)
    return why === undefined ? measured : { ...measured, findings: [...measured.findings, untold(why)] }
  }
  if (budget.document.method.baseline === 'none' || baseline === 'new') return await alone()
  if (baseline === 'unknown') return await alone('there is no merge base to compare with')
  try {
    await using former = await baseline.openScene()
    const [head, base] = [sideOf(present), sideOf(former)]
    await takeTurns(budget, [head, base], world)
    return withTrials(budget, { head: head.trials, base: base.trials }, slowness)
  } catch (thrown) {
    return await alone(`the plugin as it was cannot be measured: ${asTenonError(thrown).message}`)
  }
}

const untold = (why: string): Finding => ({ what: 'regression', verdict: 'inconclusive', why })

const withTrials = (budget: Budget, trials: Trials, slowness: number): Measured => ({
  ...{ budget, trials },
  findings: judgeTrials(budget.document, trials, slowness),
})

/** The plugin as it is or as it was, with its trials so far. */
type Side = { host: HostScene; trials: Trial[] }

function sideOf({ host }: Scene): Side {
  if (host === undefined) throw new TenonError('OPERATION_UNKNOWN', 'a plugin of its kind answers no calls')
  return { host, trials: [] }
}

/** Adds all trials to each side; who begins changes from one to the next. */
async function takeTurns(budget: Budget, sides: readonly Side[], world: World): Promise<void> {
  for (let count = 0; count < budget.document.method.trials; count += 1)
    for (const { host, trials } of count % 2 === 0 ? sides : sides.toReversed())
      trials.push(await trial(budget, host, world))
}

async function trial({ operation, document, workload }: Budget, host: HostScene, { monotonic }: World): Promise<Trial> {
  const { warmup, iterations, concurrency } = document
  const calls: number[] = []
  const [warming, inputs] = [inTurn(workload), inTurn(workload)]
  for (let count = 0; count < warmup; count += 1) await host.call(operation, warming.next().value)
  let begunCalls = 0
  const worker = async (): Promise<void> => {
    while (begunCalls++ < iterations) {
      const begun = monotonic()
      await host.call(operation, inputs.next().value)
      calls.push(monotonic() - begun)
    }
  }
  const begun = monotonic()
  await Promise.all(Array.from({ length: Math.min(concurrency, iterations) }, worker))
  const wallMs = monotonic() - begun
  return { calls, wallMs, rss: host.memoryMb() }
}

/** The values again and again, of which there is one at least. */
function* inTurn(values: readonly Json[]): Generator<Json, never> {
  for (;;) yield* values
}
