import { digestJson } from '@tenon/bundle'
import type { Digest, PluginSpec } from '@tenon/contract'
import { POLICY_KEYS, type PolicyKey, type PolicyValue } from '@tenon/contract/schema'
import type { Policies } from './policies.ts'
import { outcomeOf, policySources, waiverFaults, type PolicyOutcome } from './policy-outcome.ts'

/** The version of the way in which values are resolved: another one may give others for the same packs. */
const POLICY_RESOLVER = 'policy@2'

export type PolicyOutcomes = { [Key in PolicyKey]?: PolicyOutcome<PolicyValue<Key>> }

export type PolicySnapshot = {
  snapshotVersion: 2
  resolver: string
  /** The day on which the newest pack was released; absent without packs. */
  released?: string
  digest: Digest
  packs: { pack: string; version: string; released: string; digest: Digest }[]
  values: PolicyOutcomes
}

/** Resolves the policies for one plugin: the strictest value of a key wins, whatever its layer, unless it is waived. */
export function policySnapshot(policies: Policies, spec: PluginSpec): PolicySnapshot {
  const known = resolved.get(spec)
  if (known?.policies === policies) return known.snapshot
  const snapshot = resolve(policies, spec)
  resolved.set(spec, { policies, snapshot })
  return snapshot
}

/** Several gates ask for the policies of the same plugin. */
const resolved = new WeakMap<PluginSpec, { policies: Policies; snapshot: PolicySnapshot }>()

function resolve({ packs, waivers }: Policies, spec: PluginSpec): PolicySnapshot {
  const sorted = packs.toSorted((a, b) => (a.pack < b.pack ? -1 : 1))
  const named = sorted.map(({ pack, version, released, digest }) => ({ pack, version, released, digest }))
  const released = named
    .map((pack) => pack.released)
    .toSorted()
    .at(-1)
  return {
    snapshotVersion: 2,
    resolver: POLICY_RESOLVER,
    ...(released === undefined ? {} : { released }),
    digest: digestJson(named),
    packs: named,
    values: Object.fromEntries(keys.flatMap((key) => outcomesOf(key, { packs, waivers, spec }))),
  }
}

const keys = Object.keys(POLICY_KEYS) as PolicyKey[]

/** The entry of a key, if anything sets it. */
function outcomesOf<Key extends PolicyKey>(
  key: Key,
  { packs, waivers, spec }: Policies & { spec: PluginSpec },
): [Key, PolicyOutcome<PolicyValue<Key>>][] {
  const sources = policySources(packs, spec, key)
  const waiver = waivers.find((one) => one.plugin === spec.id && one.key === key)
  const isWaived = waiver !== undefined && waiverFaults(spec, sources, key, waiver).length === 0
  const outcome = outcomeOf(key, sources, isWaived ? waiver : undefined)
  return outcome === undefined ? [] : [[key, outcome]]
}
