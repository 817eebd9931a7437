import type { PluginSpec, Problem } from '@tenon/contract'
import { POLICY_KEYS, type PolicyKey } from '@tenon/contract/schema'
import { waiverProblems } from '../gates/waivers.ts'
import type { Policies } from './policies.ts'
import type { PolicyOutcome } from './policy-outcome.ts'
import { policySnapshot } from './policy-snapshot.ts'

/** Why a key is for a plugin as it is; without an outcome nothing sets it. `problems` are those of the waiver for it. */
export type PolicyExplanation = {
  key: PolicyKey
  refusedBy: string
  outcome?: PolicyOutcome
  problems: Problem[]
}

/** Explains keys for a plugin, at a moment in ms since the epoch. */
export function explainPolicy(
  policies: Policies,
  spec: PluginSpec,
  { keys = Object.keys(POLICY_KEYS) as PolicyKey[], at }: { keys?: readonly PolicyKey[] | undefined; at: number },
): PolicyExplanation[] {
  const { values } = policySnapshot(policies, spec)
  return keys.map((key) => {
    const outcome: PolicyOutcome | undefined = values[key]
    const waivers = policies.waivers.filter((waiver) => waiver.plugin === spec.id && waiver.key === key)
    return {
      key,
      refusedBy: POLICY_KEYS[key].refusedBy,
      ...(outcome === undefined ? {} : { outcome }),
      problems: waivers.flatMap((waiver) => waiverProblems(policies, spec, waiver, at)),
    }
  })
}
