import { TenonError, type Json } from '@tenon/contract'
import type { Probe } from '@tenon/contract/schema'
import { lacking } from '../conformance/json-match.ts'
import type { Candidate, Scene } from '../conformance/scene.ts'
import type { Ground } from '../conformance/ground.ts'
import { readJsonFile } from '../folder/json-file.ts'
import { printedBy } from './probe-program.ts'
import { recordFault } from './probe-record.ts'

/** Has a plugin answer a probe. Settles with what is wrong with the answer; rejects where there is none. */
export async function probeFault(
  candidate: Candidate,
  scene: Scene,
  probe: Probe,
  ground: Ground,
): Promise<string | undefined> {
  if (probe.kind === 'import') return undefined
  if (probe.kind === 'ledger') return recordFault(candidate, scene, probe)
  const answer = await answerTo(candidate, scene, probe, ground)
  return probe.expect === undefined ? undefined : lacking(answer, documentAt(candidate, probe.expect))
}

function answerTo(candidate: Candidate, scene: Scene, probe: Probe, ground: Ground): Promise<Json> {
  if (probe.kind === 'exec') return printedBy(candidate, probe, ground)
  return probe.kind === 'op' ? called(candidate, scene, probe) : fetched(scene, probe)
}

function called(candidate: Candidate, { host }: Scene, { target, request }: Probe): Promise<Json> {
  if (host === undefined) throw notAsked(candidate)
  return host.call(target, request === undefined ? null : documentAt(candidate, request))
}

async function fetched({ http }: Scene, { target }: Probe): Promise<Json> {
  if (http === undefined) throw new TenonError('PLUGIN_UNHEALTHY', 'it has no server that could be asked')
  const { status, body } = await http.send('host', { method: 'GET', path: target })
  if (status < 200 || status >= 300) throw new TenonError('PLUGIN_UNHEALTHY', `${target} answers ${status}`)
  return body
}

const notAsked = ({ spec }: Candidate): TenonError =>
  new TenonError('OPERATION_UNKNOWN', `a plugin of kind ${spec.runtime.kind} answers no calls`)

function documentAt({ folder }: Candidate, path: string): Json {
  const { value } = readJsonFile(folder, path)
  if (value === undefined) throw new TenonError('JSON_INVALID', `${path} holds no JSON`)
  return value
}
