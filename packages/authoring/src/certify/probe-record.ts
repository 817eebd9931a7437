import Type, { type Static } from 'typebox'
import { TenonError, type AuditRecord } from '@tenon/contract'
import { validatorOf, type Probe } from '@tenon/contract/schema'
import type { Candidate, Scene } from '../conformance/scene.ts'
import { readJsonFile } from '../folder/json-file.ts'

const texts = Type.Array(Type.String())
const promised = Type.Object({ action: Type.String(), target: Type.String(), required: texts, details: texts })
const contracts = validatorOf(Type.Object({ entries: Type.Array(promised) }))
type Promised = Static<typeof promised>

/** What entries of the audit ledger lack of what the plugin's ledger contract says of them. A probe may be about one action. */
export function recordFault({ folder, spec }: Candidate, { recorded }: Scene, { target }: Probe): string | undefined {
  const { value } = readJsonFile(folder, 'ledger_contract.json')
  if (!contracts.is(value)) throw new TenonError('JSON_INVALID', 'ledger_contract.json holds no entries')
  const records = recorded()
  const wanted = value.entries.filter(({ action }) => target === spec.id || target === action)
  const pairs = wanted.flatMap((one) => records.filter(isOf(one)).map((record) => ({ one, record })))
  if (pairs.length === 0) return `the ledger has no entry of ${target === spec.id ? 'those promised' : target}`
  const [first] = pairs.flatMap(({ one, record }) => lacks(one, record).map((field) => `${one.action} lacks ${field}`))
  return first
}

const isOf =
  ({ action, target }: Promised) =>
  (record: AuditRecord): boolean =>
    record.action === action && record.target === target && record.decision === 'allow'

const lacks = ({ required, details }: Promised, record: AuditRecord): string[] => [
  ...required.filter((field) => !(field in record)),
  ...details.filter((name) => !(name in record.details)).map((name) => `details.${name}`),
]
