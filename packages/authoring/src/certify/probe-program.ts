import { PassThrough } from 'node:stream'
import { readJson, TenonError, type Json } from '@tenon/contract'
import type { Probe } from '@tenon/contract/schema'
import type { JobOrder } from '@tenon/sandbox'
import { boundedText } from '../conformance/bounded-text.ts'
import { shownOf, type Candidate } from '../conformance/scene.ts'
import { runOn, type Ground } from '../conformance/ground.ts'

const CODE = '/code'

/**
 * Runs the words of a probe in the sandbox, without a shell. Those that name files of the plugin stand for these. Settles with
 * what was printed, as JSON if it is that; rejects unless it ends with status 0.
 */
export async function printedBy(candidate: Candidate, probe: Probe, ground: Ground): Promise<Json> {
  const stdout = new PassThrough()
  const printed = boundedText(stdout)
  const { completed, exit, logTail } = await runOn(ground, {
    program: programOf(candidate, probe),
    mounts: shownOf(candidate, CODE),
    limits: { ...candidate.spec.resources, wallMs: probe.timeout_ms },
    streams: { stdin: 'ignore', stdout, stderr: new PassThrough().resume() },
  })
  stdout.end()
  const text = await printed
  if (!completed) throw new TenonError('PLUGIN_UNHEALTHY', `${exit.message}: ${(text + logTail).trim().slice(0, 400)}`)
  const { value = text } = readJson(text)
  return value
}

function programOf({ folder }: Candidate, { target }: Probe): JobOrder['program'] {
  const [program = '', ...rest] = target.trim().split(/\s+/)
  const words = rest.map((word) => (folder.text(word) === undefined ? word : `${CODE}/${word}`))
  return program === 'node' || program === 'python3' ? { argv: [program, ...words] } : { words: [program, ...words] }
}
