import type { Problem } from '@tenon/contract'
import type { Checked, Subject } from '../gate.ts'
import type { PluginFolder } from '../plugin-folder.ts'
import { policySnapshot, type PolicySnapshot } from '../policy-snapshot.ts'
import { specProblem } from '../spec-problem.ts'

type Limit = NonNullable<PolicySnapshot['values']['operation.timeoutMs']>
type Promised = { path: (string | number)[]; promised: number; limit: Limit }

/** What the spec promises is within what the packs allow. */
export function checkPolicyLimits({ spec, packs, folder }: Subject): Checked {
  const { values } = policySnapshot(packs, spec)
  const timeouts = (spec.operations ?? []).flatMap(({ timeoutMs }, index) =>
    limited(['operations', index, 'timeoutMs'], timeoutMs, values['operation.timeoutMs']),
  )
  const latencies = Object.entries(spec.performance ?? {}).flatMap(([name, { p95Ms }]) =>
    limited(['performance', name, 'p95Ms'], p95Ms, values['performance.p95Ms']),
  )
  const all = [...timeouts, ...latencies]
  const over = all.filter(({ promised, limit }) => promised > limit.value)
  return { checked: all.length, problems: over.map((one) => overLimit(folder, one)) }
}

const limited = (path: (string | number)[], promised: number | undefined, limit: Limit | undefined): Promised[] =>
  promised === undefined || limit === undefined ? [] : [{ path, promised, limit }]

const overLimit = (folder: PluginFolder, { path, promised, limit }: Promised): Problem =>
  specProblem(
    folder,
    path,
    'POLICY_LIMIT',
    `${promised} is over the limit of ${limit.value}`,
    `The rule "${limit.rule}" of ${limit.pack} sets it: ${limit.reason}`,
  )
