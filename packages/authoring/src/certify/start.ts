import { asTenonError, type Problem, type TenonError } from '@tenon/contract'
import type { Probe } from '@tenon/contract/schema'
import { judged, type TestOutcome } from '../conformance/gate.ts'
import type { Candidate, OpenScene, Scene } from '../conformance/scene.ts'
import type { Ground } from '../conformance/ground.ts'
import { HEALTHCHECK, readProbes, type Placed } from '../gates/probes.ts'
import { probeFault } from './probe-answer.ts'

/** Starts the plugin, and has it answer each probe of its health document. */
export async function checkStart(candidate: Candidate, openScene: OpenScene, ground: Ground): Promise<TestOutcome> {
  const placed = readProbes(candidate.folder).flatMap((read) => read.placed ?? [])
  try {
    await using scene = await openScene()
    await scene.load?.()
    const problems: Problem[] = []
    for (const one of placed.toSorted(recordsLast)) problems.push(...(await probed(candidate, scene, one, ground)))
    return judged(1 + placed.length, problems)
  } catch (thrown) {
    const error = asTenonError(thrown)
    if (error.code === 'ISOLATION_UNAVAILABLE') throw error
    return judged(1, [startFailed(candidate, error)])
  }
}

/** What is recorded comes of what was asked before. */
const recordsLast = (a: Placed, b: Placed): number =>
  Number(a.probe.kind === 'ledger') - Number(b.probe.kind === 'ledger')

function startFailed({ spec }: Candidate, { code, message, hint }: TenonError): Problem {
  const said = { message: `"${spec.id}" does not start: ${code}: ${message}`, ...(hint === undefined ? {} : { hint }) }
  return { pointer: '', file: 'plugin.spec.json', code: 'START_FAILED', ...said }
}

/** A probe fails once it has failed as often in a row as it says. */
async function probed(candidate: Candidate, scene: Scene, { probe, line }: Placed, ground: Ground): Promise<Problem[]> {
  let why = ''
  for (let attempt = 0; attempt < probe.fail_after; attempt += 1) {
    const fault = await faultOf(candidate, scene, probe, ground)
    if (fault === undefined) return []
    why = fault
  }
  const message = `"${probe.id}" fails ${probe.fail_after} time(s) in a row: ${why}`
  return [{ pointer: '', file: HEALTHCHECK, line, code: 'PROBE_FAILED', message }]
}

async function faultOf(candidate: Candidate, scene: Scene, probe: Probe, ground: Ground): Promise<string | undefined> {
  const over = new AbortController()
  const late = ground.world.timer(probe.timeout_ms, over.signal).then(() => `no answer within ${probe.timeout_ms} ms`)
  try {
    return await Promise.race([late, probeFault(candidate, scene, probe, ground)])
  } catch (thrown) {
    const { code, message } = asTenonError(thrown)
    return `${code}: ${message}`
  } finally {
    over.abort()
    await late.catch(() => undefined)
  }
}
