import { pointerTo, TenonError, type Json, type Operation, type PluginSpec, type Problem } from '@tenon/contract'
import { readSchema } from '@tenon/contract/schema'
import type { Contract } from '@tenon/compat'
import { ledgerContract } from '../derive/ledger-contract.ts'
import { policySnapshot } from '../policy/policy-snapshot.ts'
import { readJsonFile } from '../folder/json-file.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { settingValue } from '../folder/setting-value.ts'
import { auditLevel, ledgerKinds } from './ledger-kinds.ts'

/** What a plugin promises, or why its files do not tell. */
export type ContractReading = { contract: Contract | undefined; problems: Problem[] }

const LEDGER = 'ledger_contract.json'

/** Reads the contract of a plugin from its spec and the schemas that this names. */
export function readContract(spec: PluginSpec, folder: PluginFolder): ContractReading {
  const problems: Problem[] = []
  const schema = (path: string): Json => {
    const read = readSchemaFile(folder, path)
    problems.push(...read.problems)
    return read.value ?? true
  }
  const ledger = readLedger(spec, folder)
  problems.push(...ledger.problems)
  const contract: Contract = {
    version: spec.version,
    operations: Object.fromEntries((spec.operations ?? []).map((one) => [one.name, operationOf(one, schema)])),
    events: Object.fromEntries((spec.events?.emits ?? []).map((one) => [one.type, schema(one.schema)])),
    services: Object.fromEntries(
      (spec.services?.provides ?? []).map((one) => [
        one.name,
        { request: schema(one.request), response: schema(one.response) },
      ]),
    ),
    settings: Object.fromEntries(Object.entries(spec.settings ?? {}).map(([id, one]) => [id, settingValue(one)])),
    ...(spec.dataset?.config === undefined ? {} : { configuration: schema(spec.dataset.config) }),
    handles: (spec.events?.handles ?? []).map(({ type }) => type),
    permissions: (spec.permissions ?? []).map(({ capability }) => capability),
    ledger: ledgerKinds(ledger.value) ?? {},
    promises: { ...promisesOf(spec), '/ledger/auditLevel': auditLevel(ledger.value) },
  }
  return { contract: problems.length === 0 ? contract : undefined, problems }
}

/** The contract, for work that needs one. Throws SCHEMA_INVALID with every problem. */
export function contractOf(spec: PluginSpec, folder: PluginFolder): Contract {
  const { contract, problems } = readContract(spec, folder)
  if (contract !== undefined) return contract
  const [first] = problems
  throw new TenonError(
    'SCHEMA_INVALID',
    `the contract of ${spec.id} ${spec.version} cannot be read: ${first?.file} ${first?.message}`,
    {
      problems,
    },
  )
}

const operationOf = (
  { name, uid, input, output }: Operation,
  schema: (path: string) => Json,
): Contract['operations'][string] => ({
  ...(uid === undefined ? {} : { uid }),
  ...(input ? { input: schema(`schemas/${name}.in.schema.json`) } : {}),
  ...(output ? { output: schema(`schemas/${name}.out.schema.json`) } : {}),
})

type Read = { value: Json | undefined; problems: Problem[] }

function readSchemaFile(folder: PluginFolder, path: string): Read {
  const { value, problems, place } = readJsonFile(folder, path)
  if (value === undefined) return { value, problems }
  return { value, problems: readSchema(value).problems.map(place) }
}

/** How long entries are kept is no part of a contract. */
const NO_POLICIES = { packs: [], waivers: [] }

/** As it was published; of a plugin that is not derived yet, as it will be. */
function readLedger(spec: PluginSpec, folder: PluginFolder): { value: Json; problems: Problem[] } {
  if (folder.text(LEDGER) === undefined)
    return { value: ledgerContract(spec, policySnapshot(NO_POLICIES, spec)), problems: [] }
  const { value, problems, place } = readJsonFile(folder, LEDGER)
  if (value === undefined) return { value: null, problems }
  if (ledgerKinds(value) !== undefined) return { value, problems: [] }
  const fault = place({ pointer: '', code: 'LEDGER_CONTRACT', message: 'is no ledger contract' })
  return { value: null, problems: [{ ...fault, hint: `Run "tenon plugin derive ${spec.id}".` }] }
}

/** What callers count on beside schemas. A promise that is not made may be anything. */
const promisesOf = ({ operations = [], events, services }: PluginSpec): Record<string, Json> =>
  Object.fromEntries([
    ...operations.flatMap(({ name, idempotent, endpoint }): [string, Json][] => [
      [at('operations', name, 'idempotent'), idempotent === true ? { const: true } : { type: 'boolean' }],
      ...(endpoint === undefined
        ? []
        : [[at('operations', name, 'endpoint'), { const: `${endpoint.method} ${endpoint.path}` }] as [string, Json]]),
    ]),
    ...(events?.emits ?? []).map(({ type, delivery }): [string, Json] => [
      at('events', type, 'delivery'),
      { enum: ['atLeastOnce', ...(delivery === 'atLeastOnce' ? [] : ['atMostOnce'])] },
    ]),
    ...(services?.provides ?? []).map(({ name, throttle }): [string, Json] => [
      at('services', name, 'perSecond'),
      { type: 'number', minimum: throttle.perSecond },
    ]),
  ])

const at = (...path: string[]): string => path.reduce<string>(pointerTo, '')
