import type { Digest, PluginSpec } from '@tenon/contract'
import { POLICY_KEYS, type PolicyKey } from '@tenon/contract/schema'
import type { PolicyPack, PolicyRule } from './policy-pack.ts'

/** A value with the rule that sets it, and that rule's line in its pack. */
export type PolicySource = { pack: string; rule: string; line: number; reason: string; value: number }

export type PolicySnapshot = {
  snapshotVersion: 1
  packs: { pack: string; version: string; released: string; digest: Digest }[]
  values: Partial<Record<PolicyKey, PolicySource & { bound: 'min' | 'max'; overridden: PolicySource[] }>>
}

/** Resolves the packs for one plugin: of several values of a key the strictest wins, and the others are kept. */
export function policySnapshot(packs: readonly PolicyPack[], spec: PluginSpec): PolicySnapshot {
  const sources = packs.flatMap((pack) =>
    pack.rules
      .filter(({ when }) => holds(when, spec))
      .flatMap(({ id, reason, set }) =>
        set.map(({ key, value, line }): [PolicyKey, PolicySource] => [
          key,
          { pack: `${pack.pack}@${pack.version}`, rule: id, line, reason, value },
        ]),
      ),
  )
  const values: PolicySnapshot['values'] = {}
  for (const [key, group] of Map.groupBy(sources, ([name]) => name)) {
    const bound = POLICY_KEYS[key]
    const strictness = bound === 'min' ? -1 : 1
    const [winner, ...overridden] = group
      .map(([, source]) => source)
      .toSorted((a, b) => strictness * (a.value - b.value))
    if (winner !== undefined) values[key] = { ...winner, bound, overridden }
  }
  return {
    snapshotVersion: 1,
    packs: packs.map(({ pack, version, released, digest }) => ({ pack, version, released, digest })),
    values,
  }
}

/** Whether a rule is for a plugin: one that has all its traits and any of its classes. */
function holds({ traits = [], classification }: PolicyRule['when'], spec: PluginSpec): boolean {
  const classes: readonly string[] = spec.security?.dataClassification ?? []
  return (
    traits.every((trait) => spec.traits?.includes(trait)) &&
    (classification === undefined || classification.some((kind) => classes.includes(kind)))
  )
}
