import Type, { type Static } from 'typebox'
import { TenonError } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import type { Node } from '../graph-schema.ts'
import { strictObject } from '../strict-object.ts'
import { deepFrozen } from './deep-frozen.ts'
import { messageOf } from './in-process.ts'
import type { ActionInput } from './inputs.ts'
import type { LoadedAction } from './loaded-extension.ts'
import type { Answer } from './runners.ts'
import type { SettingsByPlugin } from './settings.ts'

const json = Type.Record(Type.String(), Type.Unknown())

const outcomeSchema = strictObject({
  report: Type.Object({ ok: Type.Boolean() }, { additionalProperties: true }),
  writes: Type.Optional(
    Type.Array(strictObject({ kind: Type.Literal('sidecar'), path: Type.String(), changes: json })),
  ),
})

const outcomes = validatorOf(outcomeSchema)

export type CheckedOutcome = Static<typeof outcomeSchema>

/**
 * Runs an action that is code. It may ask for writes to `sidecar` only, which is that of its node. Throws ACTION_REFUSED when
 * it is not for this node, or is a prompt; OPERATION_FAILED when it throws; OUTPUT_INVALID for what it may not answer, with the
 * `failureReason` of the specification where that is its report.
 */
export async function runAction(
  action: LoadedAction,
  input: ActionInput,
  sidecar: string,
  settings: SettingsByPlugin,
): Promise<CheckedOutcome> {
  const values = settings.get(action.plugin.id)
  if (values === undefined) throw refused(action, 'the settings of its plugin are invalid')
  const [unmet] = unmetBy(action, input.node)
  if (unmet !== undefined) throw refused(action, unmet)
  const { value, failure } = await action
    .run(deepFrozen(structuredClone(input)), values)
    .catch((thrown: unknown): Answer<unknown> => ({ failure: messageOf(thrown) }))
  if (failure !== undefined) throw new TenonError('OPERATION_FAILED', `the action ${action.key} failed: ${failure}`)
  return checked(action, value, sidecar)
}

const refused = ({ key }: LoadedAction, why: string): TenonError =>
  new TenonError('ACTION_REFUSED', `the action ${key} is not run: ${why}`, { details: { actionId: key } })

function unmetBy({ manifest }: LoadedAction, { path, kind, provider, sidecar }: Node): string[] {
  const { precondition = {}, mode } = manifest
  const stability = sidecar?.annotations?.['stability']
  const among = (wanted: readonly string[] | undefined, what: string, value: unknown): string[] =>
    wanted === undefined || wanted.some((one) => one === value) ? [] : [`it is not for the ${what} of ${path}`]
  return [
    ...(mode === 'probabilistic' ? ['it is a prompt, which a job hands to a model'] : []),
    ...among(precondition.kind, 'kind', kind),
    ...among(precondition.provider, 'Provider', provider),
    ...among(precondition.stability, 'stability', stability),
    ...(precondition.custom ?? []).map((name) => `nobody here can judge its precondition "${name}"`),
  ]
}

function checked(action: LoadedAction, value: unknown, sidecar: string): CheckedOutcome {
  const problems = outcomes.problems(value)
  const isReport = outcomes.is(value)
  const unfit = isReport ? (action.reports?.problems(value.report) ?? []) : []
  if (isReport && unfit.length === 0) {
    const elsewhere = (value.writes ?? []).filter(({ path }) => path !== sidecar)
    if (elsewhere.length === 0) return value
    const message = `is not the sidecar of the node, ${sidecar}`
    for (const { path } of elsewhere)
      problems.push({ pointer: '/writes', code: 'PERMISSION_DENIED', message: `${path} ${message}` })
  }
  problems.push(...unfit.map((problem) => ({ ...problem, pointer: `/report${problem.pointer}` })))
  throw new TenonError('OUTPUT_INVALID', `the action ${action.key} answered what it may not; nothing was written`, {
    details: { actionId: action.key, ...(unfit.length === 0 ? {} : { failureReason: 'report-invalid' }) },
    problems,
  })
}
