import { FAILURE_REASONS, type Execution } from './executions.ts'

export const PERIODS = ['day', 'week', 'month'] as const
export type Period = (typeof PERIODS)[number]

type Sums = { executionsCount: number; tokensIn: number; tokensOut: number }

export type ExecutionStats = {
  totals: Sums & { completedCount: number; failedCount: number; durationMsTotal: number }
  tokensPerAction: (Sums & {
    actionId: string
    actionVersion: string
    durationMsMean: number | null
    durationMsMedian: number | null
  })[]
  /** The first day of each period, in UTC, in order; periods without executions are left out. */
  executionsPerPeriod: (Sums & { periodStart: string; periodUnit: Period })[]
  topNodes: { nodePath: string; executionsCount: number; lastExecutedAt: number }[]
  errorRates: {
    /** Failed ones among all, from 0 to 1. */
    global: number
    perAction: { actionId: string; rate: number; executionsCount: number; failedCount: number }[]
    perFailureReason: Record<(typeof FAILURE_REASONS)[number], number>
  }
}

/** What executions come to: by action, by period, by node, and how many of them failed. */
export function executionStats(
  executions: readonly Execution[],
  { period, top }: { period: Period; top: number },
): ExecutionStats {
  const failed = executions.filter(isFailed)
  return {
    totals: {
      ...sumsOf(executions),
      completedCount: executions.filter(({ status }) => status === 'completed').length,
      failedCount: failed.length,
      durationMsTotal: sum(durationsOf(executions)),
    },
    tokensPerAction: groups(
      executions,
      ({ extensionId, extensionVersion }) => `${extensionId}@${extensionVersion}`,
    ).map(([, all]) => actionTokens(all)),
    executionsPerPeriod: groups(executions, ({ startedAt }) => periodStart(startedAt, period)).map(([start, all]) => ({
      periodStart: start,
      periodUnit: period,
      ...sumsOf(all),
    })),
    topNodes: topNodes(executions, top),
    errorRates: {
      global: rate(failed.length, executions.length),
      perAction: groups(executions, ({ extensionId }) => extensionId).map(([actionId, all]) => {
        const failedCount = all.filter(isFailed).length
        return { actionId, rate: rate(failedCount, all.length), executionsCount: all.length, failedCount }
      }),
      perFailureReason: failureReasons(failed),
    },
  }
}

const isFailed = ({ status }: Execution): boolean => status === 'failed'
const rate = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const durationsOf = (executions: readonly Execution[]): number[] =>
  executions.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs]))

const sumsOf = (executions: readonly Execution[]): Sums => ({
  executionsCount: executions.length,
  tokensIn: sum(executions.map(({ tokensIn }) => tokensIn ?? 0)),
  tokensOut: sum(executions.map(({ tokensOut }) => tokensOut ?? 0)),
})

type Group = readonly [Execution, ...Execution[]]

/** By their keys, in order. */
function groups(executions: readonly Execution[], keyOf: (execution: Execution) => string): [string, Group][] {
  const found = new Map<string, [Execution, ...Execution[]]>()
  for (const execution of executions) {
    const group = found.get(keyOf(execution))
    if (group === undefined) found.set(keyOf(execution), [execution])
    else group.push(execution)
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function actionTokens(all: Group): ExecutionStats['tokensPerAction'][number] {
  const [{ extensionId, extensionVersion }] = all
  const durations = durationsOf(all).toSorted((a, b) => a - b)
  return {
    actionId: extensionId,
    actionVersion: extensionVersion,
    ...sumsOf(all),
    durationMsMean: durations.length === 0 ? null : sum(durations) / durations.length,
    durationMsMedian: medianOf(durations),
  }
}

function medianOf(sorted: readonly number[]): number | null {
  const [below, above] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return below === undefined || above === undefined ? null : (below + above) / 2
}

function periodStart(at: number, period: Period): string {
  const day = new Date(at)
  day.setUTCHours(0, 0, 0, 0)
  // Weeks begin on Monday.
  if (period === 'week') day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
  if (period === 'month') day.setUTCDate(1)
  return day.toISOString().slice(0, 'yyyy-mm-dd'.length)
}

function topNodes(executions: readonly Execution[], top: number): ExecutionStats['topNodes'] {
  const nodes = new Map<string, ExecutionStats['topNodes'][number]>()
  for (const { nodeIds, startedAt } of executions)
    for (const nodePath of nodeIds) {
      const { executionsCount = 0, lastExecutedAt = startedAt } = nodes.get(nodePath) ?? {}
      nodes.set(nodePath, {
        nodePath,
        executionsCount: executionsCount + 1,
        lastExecutedAt: Math.max(lastExecutedAt, startedAt),
      })
    }
  return [...nodes.values()]
    .toSorted((a, b) => b.executionsCount - a.executionsCount || (a.nodePath < b.nodePath ? -1 : 1))
    .slice(0, top)
}

const failureReasons = (failed: readonly Execution[]): ExecutionStats['errorRates']['perFailureReason'] =>
  Object.fromEntries(
    FAILURE_REASONS.map((reason) => [reason, failed.filter(({ failureReason }) => failureReason === reason).length]),
  ) as ExecutionStats['errorRates']['perFailureReason']
