import { digestJson } from '@tenon/bundle'
import type { Digest, Problem } from '@tenon/contract'
import {
  policyPackSchema,
  validatorOf,
  type PolicyKey,
  type PolicyPackDocument,
  type PolicyValue,
} from '@tenon/contract/schema'
import { settingsOf, valueFaults, type PolicySettings } from './policy-settings.ts'
import { readYamlFile, type YamlFile } from '../folder/yaml-file.ts'
import { isDay } from './day.ts'

type RuleDocument = PolicyPackDocument['rules'][number]
type When = NonNullable<RuleDocument['when']>

/** How widely a rule holds. It says where a rule comes from, and never which of two wins. */
export type PolicyLayer = 'organisation' | 'domain' | 'plugin'

export type PolicyRule = {
  id: string
  layer: PolicyLayer
  when: When
  set: PolicySettings
  /** Whether no waiver can loosen it. */
  lock: boolean
  reason: string
  owner: string
}
/** `file` is the pack's path, as problems and explanations name it. */
export type PolicyPack = {
  pack: string
  version: string
  released: string
  file: string
  digest: Digest
  rules: PolicyRule[]
}

export type PackReading = { pack: PolicyPack | undefined; problems: Problem[] }

const documents = validatorOf(policyPackSchema)

/** Reads one pack, which must bear the name and version of its folder, if that is known. Every problem has its line. */
export function readPack(source: string, file: string, folder?: { pack: string; version: string }): PackReading {
  const document = readYamlFile(source, { file, code: 'POLICY_PACK' }, documents)
  if (document.value === undefined) return { pack: undefined, problems: document.problems }
  const { value } = document
  const problems = [...misnamed(document, value, folder), ...duplicates(document, value), ...unreal(document, value)]
  return { pack: problems.length === 0 ? packOf(value, file, document.lineOf) : undefined, problems }
}

type Document = YamlFile<PolicyPackDocument>

const misnamed = (
  { problem }: Document,
  value: PolicyPackDocument,
  folder: { pack: string; version: string } = value,
): Problem[] =>
  (['pack', 'version'] as const)
    .filter((key) => value[key] !== folder[key])
    .map((key) => problem([key], `"${value[key]}" lies in the folder of "${folder[key]}"`))

/** An explanation names a rule by its id alone. */
const duplicates = ({ problem }: Document, { rules }: PolicyPackDocument): Problem[] => {
  const ids = rules.map(({ id }) => id)
  return ids.flatMap((id, index) =>
    ids.indexOf(id) < index ? [problem(['rules', index, 'id'], `"${id}" is the id of a rule before it`)] : [],
  )
}

/** A date or value that has the form of one and is none. */
const unreal = ({ problem }: Document, { released, rules }: PolicyPackDocument): Problem[] => [
  ...(isDay(released) ? [] : [problem(['released'], `"${released}" is no day`)]),
  ...rules.flatMap((rule, index) =>
    valuesOf(rule).flatMap(([key, value]) =>
      valueFaults(key, value).map((fault) => problem(['rules', index, 'set', key], fault)),
    ),
  ),
]

const packOf = (value: PolicyPackDocument, file: string, lineOf: Document['lineOf']): PolicyPack => ({
  pack: value.pack,
  version: value.version,
  released: value.released,
  file,
  digest: digestJson(value),
  rules: value.rules.map((rule, index) => ({
    id: rule.id,
    layer: layerOf(rule.when),
    when: rule.when ?? {},
    set: settingsOf(valuesOf(rule).map(([key, set]) => [key, set, lineOf(['rules', index, 'set', key])])),
    lock: rule.lock ?? false,
    reason: rule.reason,
    owner: rule.owner,
  })),
})

const layerOf = (when: When | undefined): PolicyLayer => {
  if (when === undefined) return 'organisation'
  return when.plugins === undefined ? 'domain' : 'plugin'
}

/** What a rule sets, each value out of the direction that it is written under, which is the only one its key has. */
const valuesOf = ({ set }: RuleDocument): [PolicyKey, PolicyValue][] =>
  (Object.entries(set) as [PolicyKey, Record<string, PolicyValue>][]).flatMap(([key, written]) =>
    Object.values(written).map((value): [PolicyKey, PolicyValue] => [key, value]),
  )
