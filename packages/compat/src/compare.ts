import { covers, parseCapability, pointerTo, type Json } from '@tenon/contract'
import type { Assertion, Change, Verdict } from './change.ts'
import { compareSchemas, type Direction } from './compare-schemas.ts'
import type { Contract } from './contract.ts'

const NOTHING: Json = { type: 'object', additionalProperties: false }

type Schemas = (direction: Direction, old: Json, next: Json, where: string) => Change[]

/** What changed between two versions of a plugin's contract, for those who rely on the older one. Throws SCHEMA_INVALID. */
export function compareContracts(before: Contract, after: Contract, assertions: readonly Assertion[] = []): Change[] {
  const schemas: Schemas = (direction, old, next, where) => compareSchemas(direction, old, next, where, assertions)
  return [
    ...compareOperations(before, after, schemas),
    ...compareNamed(before.events, after.events, '/events', (old, next, at) => schemas('given', old, next, at)),
    ...compareNamed(before.services, after.services, '/services', (old, next, at) => [
      ...schemas('taken', old.request, next.request, `${at}/request`),
      ...schemas('given', old.response, next.response, `${at}/response`),
    ]),
    ...compareSettings(before.settings ?? {}, after.settings ?? {}, schemas),
    ...schemas('taken', before.configuration ?? NOTHING, after.configuration ?? NOTHING, '/configuration'),
    ...compareNamed(keyed(before.handles), keyed(after.handles), '/handles', () => []),
    ...comparePermissions(before.permissions ?? [], after.permissions ?? []),
    ...compareLedger(before, after, schemas),
    ...comparePromises(before.promises ?? {}, after.promises ?? {}, schemas),
  ]
}

function compareNamed<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  at: string,
  compare: (old: T, next: T, where: string) => Change[],
): Change[] {
  const [old, next] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const names = [...new Set([...old.keys(), ...next.keys()])].toSorted()
  return names.flatMap((name) => {
    const where = pointerTo(at, name)
    const [one, other] = [old.get(name), next.get(name)]
    if (one !== undefined && other !== undefined) return compare(one, other, where)
    return [other === undefined ? gone(where) : added(where)]
  })
}

const gone = (where: string, verdict: Verdict = 'breaking'): Change => ({ where, verdict, why: 'it is gone' })
const added = (where: string): Change => ({ where, verdict: 'compatible', why: 'it is new' })
const keyed = (names: readonly string[] = []): Readonly<Record<string, true>> =>
  Object.fromEntries(names.map((name) => [name, true]))

type Operations = Contract['operations']

/** An operation whose identity is known by another name now was renamed, and is compared with what it became. */
function compareOperations(before: Contract, after: Contract, schemas: Schemas): Change[] {
  const renames = renamesOf(before.operations, after.operations)
  const newNames = renames.map(([, name]) => name)
  const stayed = without(
    before.operations,
    renames.map(([name]) => name),
  )
  return [
    ...renames.flatMap(([old, name]) => [
      renamed(old, name),
      ...compareOperation(
        before.operations[old] ?? {},
        after.operations[name] ?? {},
        pointerTo('/operations', name),
        schemas,
      ),
    ]),
    ...compareNamed(stayed, without(after.operations, newNames), '/operations', (old, next, at) =>
      compareOperation(old, next, at, schemas),
    ),
  ]
}

function renamesOf(before: Operations, after: Operations): [old: string, name: string][] {
  const nameOf = new Map(Object.entries(after).flatMap(([name, { uid }]) => (uid === undefined ? [] : [[uid, name]])))
  return Object.entries(before).flatMap(([old, { uid }]): [string, string][] => {
    const name = uid === undefined ? undefined : nameOf.get(uid)
    return name === undefined || name === old ? [] : [[old, name]]
  })
}

const renamed = (old: string, name: string): Change => ({
  where: pointerTo('/operations', old),
  verdict: 'breaking',
  why: `"${old}" is called "${name}" now`,
  renamed: name,
})

const without = (operations: Operations, names: readonly string[]): Operations =>
  Object.fromEntries(Object.entries(operations).filter(([name]) => !names.includes(name)))

type Operation = Operations[string]

const compareOperation = (old: Operation, next: Operation, at: string, schemas: Schemas): Change[] => [
  ...schemas('taken', old.input ?? NOTHING, next.input ?? NOTHING, `${at}/input`),
  ...compareOutputs(old.output, next.output, `${at}/output`, schemas),
]

function compareOutputs(old: Json | undefined, next: Json | undefined, where: string, schemas: Schemas): Change[] {
  if (old !== undefined && next !== undefined) return schemas('given', old, next, where)
  if (old === next) return []
  return [next === undefined ? gone(where) : added(where)]
}

type Settings = NonNullable<Contract['settings']>

/** A configuration that names a setting which is gone is refused. */
function compareSettings(before: Settings, after: Settings, schemas: Schemas): Change[] {
  const lost = Object.entries(before).filter(([id]) => !Object.hasOwn(after, id))
  const kept = Object.entries(before).filter(([id]) => Object.hasOwn(after, id))
  return [
    ...lost.flatMap(([id, schema]) =>
      schemas('taken', { ...(NOTHING as object), properties: { [id]: schema } }, NOTHING, '/settings'),
    ),
    ...compareNamed(Object.fromEntries(kept), after, '/settings', (old, next, at) => schemas('taken', old, next, at)),
  ]
}

/** Asking for more breaks no caller, but an operator has to approve it before the plugin may run so. */
function comparePermissions(before: readonly string[], after: readonly string[]): Change[] {
  const asked = before.map(parseCapability)
  // What may stand for many is compared only where it is a tree of files: `*` would be taken for a name.
  const isNew = (capability: string): boolean =>
    capability.replace(/\/\*\*$/, '').includes('*') || !asked.some((one) => covers(one, parseCapability(capability)))
  const more = after.filter((capability) => !before.includes(capability))
  return [
    ...more.map((capability) => ({
      ...added(pointerTo('/permissions', capability)),
      why: isNew(capability) ? 'it is new: an operator has to approve it' : 'it is part of what was asked for',
    })),
    ...before
      .filter((capability) => !after.includes(capability))
      .map((capability) => gone(pointerTo('/permissions', capability), 'compatible')),
  ]
}

/** Kinds of entries may only be added, and each holds what it held. */
function compareLedger(before: Contract, after: Contract, schemas: Schemas): Change[] {
  const withdrawn = (before.permissions ?? []).filter((capability) => after.permissions?.includes(capability) !== true)
  const lasting = Object.entries(before.ledger ?? {}).filter(
    ([, { permission }]) => permission === undefined || !withdrawn.includes(permission),
  )
  return compareNamed(Object.fromEntries(lasting), after.ledger ?? {}, '/ledger', (old, next, at) =>
    schemas('given', old.entry, next.entry, at),
  )
}

/** A promise that only one side knows is about something that is gone or new, which is told of that. */
const comparePromises = (
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
  schemas: Schemas,
) =>
  Object.entries(before).flatMap(([where, old]) => {
    const next = after[where]
    return next === undefined ? [] : schemas('given', old, next, where)
  })
