import { checkPerf, folderOf, type Candidate, type Scene } from '@tenon/authoring'
import type { Json } from '@tenon/contract'
import { simulatedWorld } from '@tenon/testkit'
import { expect, test } from 'vitest'

const BUDGET = {
  ...{ workload: ['a', 'b', 'c'], warmup: 4, iterations: 5, concurrency: 2, slo: {} },
  method: { trials: 5, baseline: 'merge-base', max_regression_pct: 50, noise_floor_ms: 5 },
}

/** A plugin of which nothing is looked at but one operation and its budget. */
function candidate(): Candidate {
  const spec = { specVersion: 1, id: 'demo', name: 'Demo', version: '1.0.0' } as const
  const echo = { name: 'echo', summary: 'Echoes.', input: false, output: true }
  const bytes = Buffer.from(JSON.stringify(BUDGET))
  return {
    spec: { ...spec, runtime: { kind: 'node', entry: 'src/plugin.ts' }, operations: [echo] },
    packages: [],
    folder: folderOf('/nowhere', [{ path: 'conformance/perf/echo.perf.json', bytes }]),
  }
}

const called = (call: (input: Json) => void): Scene => ({
  host: {
    ...{ grant: () => {}, deny: () => {}, store: async () => {}, stored: async () => undefined, published: () => [] },
    ...{ neighbour: async () => {}, callsOf: () => 0, memoryMb: () => undefined },
    call: async (_operation, input) => (call(input), input),
  },
  recorded: () => [],
  [Symbol.asyncDispose]: async () => {},
})

const measured = (head: Scene, base: Scene) =>
  checkPerf(candidate(), {
    ...{ world: simulatedWorld(1), p95Max: undefined, told: () => {} },
    openScene: async () => head,
    baseline: async () => ({ openScene: async () => base }),
  })

test('both sides take the whole workload in turn, first one, then the other, and each trial begins it anew', async () => {
  const made: [string, Json][] = []
  const { verdict } = await measured(
    called((input) => made.push(['head', input])),
    called((input) => made.push(['base', input])),
  )
  const trial = (side: string): [string, Json][] => [...'abca', ...'abcab'].map((input) => [side, input])
  const sides = ['head', 'base', 'base', 'head', 'head', 'base', 'base', 'head', 'head', 'base']
  expect([verdict, made]).toEqual(['pass', sides.flatMap(trial)])
})

test('a plugin whose lane takes no calls fails its budget, and one that took none before is measured alone', async () => {
  const mute: Scene = { recorded: () => [], [Symbol.asyncDispose]: async () => {} }
  const refused = 'echo refuses with OPERATION_UNKNOWN: a plugin of its kind answers no calls'
  const answering = called(() => {})
  expect(await measured(mute, answering)).toMatchObject({
    verdict: 'fail',
    problems: [{ code: 'PERF_CALL_FAILED', message: refused }],
  })
  expect(await measured(answering, mute)).toMatchObject({
    verdict: 'inconclusive',
    notes: [
      'echo regression: inconclusive, the plugin as it was cannot be measured: a plugin of its kind answers no calls',
    ],
  })
})
