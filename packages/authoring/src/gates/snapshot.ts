import { isObject, ownValue, readJson, type JsonObject, type Problem } from '@tenon/contract'
import type { Checked, Subject } from './gate.ts'
import { policySnapshot, type PolicySnapshot } from '../policy/policy-snapshot.ts'

const SNAPSHOT = 'policy_snapshot.json'

/** The committed snapshot is of the packs that are there today. A snapshot that is not there is the baseline's to tell. */
export function checkSnapshot({ spec, policies, folder }: Subject): Checked {
  const text = folder.text(SNAPSHOT)
  if (text === undefined) return { checked: 1, problems: [] }
  const { value } = readJson(text)
  const today = policySnapshot(policies, spec)
  const stale = isObject(value) ? staleness(value, today) : ['it is no snapshot']
  return { checked: 1, problems: stale.length === 0 ? [] : [staleProblem(spec.id, stale)] }
}

const staleProblem = (id: string, stale: readonly string[]): Problem => ({
  pointer: '',
  file: SNAPSHOT,
  code: 'POLICY_SNAPSHOT_STALE',
  message: `is not of the policies of today: ${stale.join(', ')}`,
  hint: `Run "tenon plugin derive ${id}".`,
})

/** In which packs, or in what else that packs do not tell, a committed snapshot differs. */
function staleness(committed: JsonObject, today: PolicySnapshot): string[] {
  const packs = packDigests(committed['packs'])
  const named = new Map(today.packs.map(({ pack, version, digest }) => [pack, `${version} ${digest}`]))
  const changed = [...new Set([...packs.keys(), ...named.keys()])].filter((pack) => packs.get(pack) !== named.get(pack))
  const told = changed.map((pack) => `${pack} was ${versionIn(packs, pack)} and is ${versionIn(named, pack)}`)
  if (told.length > 0) return told
  return committed['resolver'] === today.resolver
    ? []
    : [`its values were resolved by ${textOf(committed, 'resolver')}`]
}

const versionIn = (packs: ReadonlyMap<string, string>, pack: string): string =>
  packs.get(pack)?.split(' ')[0] ?? 'not there'

const packDigests = (packs: unknown): Map<string, string> =>
  new Map(
    (Array.isArray(packs) ? packs.filter(isObject) : []).map((pack) => [
      textOf(pack, 'pack'),
      `${textOf(pack, 'version')} ${textOf(pack, 'digest')}`,
    ]),
  )

function textOf(object: JsonObject, key: string): string {
  const value = ownValue(object, key)
  return typeof value === 'string' ? value : 'nobody knows what'
}
