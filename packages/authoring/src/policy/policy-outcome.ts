import { isDeepStrictEqual } from 'node:util'
import type { PluginSpec } from '@tenon/contract'
import type { PolicyKey, PolicyValue, PolicyValues } from '@tenon/contract/schema'
import type { PolicyLayer, PolicyPack, PolicyRule } from './policy-pack.ts'
import { directionOf } from './policy-settings.ts'
import { isAsStrict, strictnessOf } from './strictness.ts'
import type { Waiver } from './waiver.ts'

/** A value with the rule that sets it, and that rule's place. */
export type PolicySource<Value = PolicyValue> = {
  layer: PolicyLayer
  pack: string
  rule: string
  file: string
  line: number
  locked: boolean
  reason: string
  owner: string
  value: Value
}

/** A waiver that is in force, unless it has expired, which no derived file can tell. */
export type AppliedWaiver<Value = PolicyValue> = {
  file: string
  line: number
  value: Value
  pack?: string
  approver: string
  reason: string
  expires: string
}

/**
 * What a key comes to for a plugin. `winners` are the rules that make it as strict as it is, one unless it is a set;
 * without `losers` and under a waiver without those that it waives, it would be the same.
 */
export type PolicyOutcome<Value = PolicyValue> = {
  direction: keyof PolicyValues
  value: Value
  winners: PolicySource<Value>[]
  losers: PolicySource<Value>[]
  waiver?: AppliedWaiver<Value>
}

/** Every value that rules for a plugin set for a key, the strictest first, in an order that depends on nothing else. */
export function policySources<Key extends PolicyKey>(
  packs: readonly PolicyPack[],
  spec: PluginSpec,
  key: Key,
): PolicySource<PolicyValue<Key>>[] {
  const { rank } = strictnessOf(key)
  return packs
    .flatMap((pack) => pack.rules.filter((rule) => holds(rule, spec)).flatMap((rule) => sourceOf(pack, rule, key)))
    .toSorted((a, b) => rank(a.value) - rank(b.value) || (placeOf(a) < placeOf(b) ? -1 : 1))
}

const placeOf = ({ pack, rule }: Pick<PolicySource, 'pack' | 'rule'>): string => `${pack} ${rule}`

function sourceOf<Key extends PolicyKey>(
  { pack, version, file }: PolicyPack,
  { id, layer, lock, reason, owner, set }: PolicyRule,
  key: Key,
): PolicySource<PolicyValue<Key>>[] {
  const setting: PolicyRule['set'][Key] = set[key]
  if (setting === undefined) return []
  const place = { layer, pack: `${pack}@${version}`, rule: id, file, line: setting.line }
  return [{ ...place, locked: lock, reason, owner, value: setting.value }]
}

/** Whether a rule is for a plugin: one that has all its traits, any of its classes, and one of its kinds and ids. */
function holds({ when: { traits = [], classification, runtime, plugins } }: PolicyRule, spec: PluginSpec): boolean {
  const classes = spec.security?.dataClassification ?? []
  return (
    traits.every((trait) => spec.traits?.includes(trait)) &&
    (classification === undefined || classification.some((kind) => classes.includes(kind))) &&
    (runtime === undefined || runtime.includes(spec.runtime.kind)) &&
    (plugins === undefined || plugins.includes(spec.id))
  )
}

/** What sources, the strictest first, come to under a waiver or none. Without either they come to nothing. */
export function outcomeOf<Key extends PolicyKey>(
  key: Key,
  sources: readonly PolicySource<PolicyValue<Key>>[],
  waiver: Waiver | undefined,
): PolicyOutcome<PolicyValue<Key>> | undefined {
  const { both } = strictnessOf(key)
  const applied = appliedOf(key, waiver)
  const winners: PolicySource<PolicyValue<Key>>[] = []
  const losers: PolicySource<PolicyValue<Key>>[] = []
  let value: PolicyValue<Key> | undefined = applied?.value
  for (const source of sources) {
    const next: PolicyValue<Key> = value === undefined ? source.value : both(value, source.value)
    const isWinner = !waives(waiver, source) && !isDeepStrictEqual(next, value)
    ;(isWinner ? winners : losers).push(source)
    if (isWinner) value = next
  }
  if (value === undefined) return undefined
  const outcome = { direction: directionOf(key), value, winners, losers }
  return applied === undefined ? outcome : { ...outcome, waiver: applied }
}

const waives = (waiver: Waiver | undefined, { pack }: Pick<PolicySource, 'pack'>): boolean =>
  waiver !== undefined && (waiver.pack === undefined || pack.startsWith(`${waiver.pack}@`))

function appliedOf<Key extends PolicyKey>(
  key: Key,
  waiver: Waiver | undefined,
): AppliedWaiver<PolicyValue<Key>> | undefined {
  if (waiver === undefined) return undefined
  const { file, pack, approver, reason, expires } = waiver
  const setting: Waiver['set'][Key] = waiver.set[key]
  return setting && { file, ...setting, ...(pack === undefined ? {} : { pack }), approver, reason, expires }
}

/** Why a waiver is not in force, by what of it is wrong. A waiver that has expired has no fault. */
export type WaiverFault = { of: 'value' | 'approver'; message: string; hint: string }

export function waiverFaults<Key extends PolicyKey>(
  spec: PluginSpec,
  sources: readonly PolicySource<PolicyValue<Key>>[],
  key: Key,
  waiver: Waiver,
): WaiverFault[] {
  const strict = outcomeOf(key, sources, undefined)?.value
  const loose = outcomeOf(key, sources, waiver)?.value
  const isLooser =
    strict !== undefined && loose !== undefined && isAsStrict(key, strict, loose) && !isAsStrict(key, loose, strict)
  const locked = sources.filter(
    (source) => source.locked && loose !== undefined && !isAsStrict(key, loose, source.value),
  )
  return [
    ...(isLooser ? [] : [pointless(key, waiver, strict)]),
    ...locked.map(({ pack, rule, file, line }) => ({
      of: 'value' as const,
      message: `the rule "${rule}" of ${pack} is locked: no waiver loosens it`,
      hint: `It is in ${file}:${line}.`,
    })),
    ...(isSamePerson(waiver.approver, spec.publisher) ? [ownApproval(waiver)] : []),
  ]
}

const pointless = (key: PolicyKey, { pack }: Waiver, strict: unknown): WaiverFault => ({
  of: 'value',
  message:
    strict === undefined
      ? `nothing sets ${key} for this plugin`
      : `loosens nothing: without it ${key} is ${JSON.stringify(strict)}${pack === undefined ? '' : `, and other packs than ${pack} count still`}`,
  hint: 'Take the waiver away.',
})

const ownApproval = ({ approver }: Waiver): WaiverFault => ({
  of: 'approver',
  message: `"${approver}" publishes the plugin, and approves no waiver for it`,
  hint: 'Have it approved by somebody else.',
})

const isSamePerson = (one: string, other: string | undefined): boolean =>
  one.trim().toLowerCase() === other?.toLowerCase()
