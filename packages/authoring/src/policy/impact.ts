import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '@tenon/contract'
import { POLICY_KEYS, type PolicyKey, type PolicyValue } from '@tenon/contract/schema'
import { specOf, type PluginFolder } from '../folder/plugin-folder.ts'
import type { Subject } from '../gates/gate.ts'
import { keyFindings } from '../gates/policy-limits.ts'
import { waiverProblems } from '../gates/waivers.ts'
import type { Policies } from './policies.ts'
import { policySnapshot } from './policy-snapshot.ts'

/** What a change of policies does to a key of a plugin; null where nothing sets it. */
export type KeyImpact = { key: PolicyKey; before: PolicyValue | null; after: PolicyValue | null; problems: Problem[] }

/** What it does to a plugin: the keys that change or fail. `problems` are those of a spec that cannot be judged. */
export type PolicyImpact = { plugin: string; keys: KeyImpact[]; problems: Problem[] }

/** Judges a plugin by other policies than before, at a moment in ms since the epoch. */
export function policyImpact(
  folder: PluginFolder,
  { before, after, at }: { before: Policies; after: Policies; at: number },
): PolicyImpact {
  const { spec, problems } = specOf(folder)
  if (spec === undefined) return { plugin: basename(folder.root), keys: [], problems }
  const old = policySnapshot(before, spec).values
  const next = policySnapshot(after, spec).values
  const failing = failures({ spec, folder, releases: [], policies: after, at })
  const keys = (Object.keys(POLICY_KEYS) as PolicyKey[])
    .map((key) => ({
      key,
      before: old[key]?.value ?? null,
      after: next[key]?.value ?? null,
      problems: failing.get(key) ?? [],
    }))
    .filter((one) => one.problems.length > 0 || !isDeepStrictEqual(one.before, one.after))
  return { plugin: spec.id, keys, problems: [] }
}

/** What of a plugin fails under its policies, by the key that it fails. */
function failures(subject: Subject): Map<PolicyKey, Problem[]> {
  const { spec, policies, at } = subject
  const ofWaivers = policies.waivers
    .filter(({ plugin }) => plugin === spec.id)
    .map((waiver) => ({ key: waiver.key, problems: waiverProblems(policies, spec, waiver, at) }))
  const all = [...keyFindings(subject), ...ofWaivers]
  const byKey = Map.groupBy(all, ({ key }) => key)
  return new Map([...byKey].map(([key, group]) => [key, group.flatMap(({ problems }) => problems)]))
}
