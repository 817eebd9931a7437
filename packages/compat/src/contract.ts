import { pointerTo, type Json } from '@tenon/contract'

/** What a version of a plugin promises to those who rely on it. Names are keys; a schema is a JSON Schema. */
export type Contract = {
  version: string
  /** Schemas of input and output; without one it takes or gives nothing. By `uid` an operation is known under another name. */
  operations: Readonly<Record<string, { uid?: string; input?: Json; output?: Json }>>
  /** The payload's schema by the type of an event that it emits. */
  events: Readonly<Record<string, Json>>
  services: Readonly<Record<string, { request: Json; response: Json }>>
  /** The schema of each setting's value. */
  settings?: Readonly<Record<string, Json>>
  /** The schema of the configuration of its runs, if it has one. */
  configuration?: Json
  /** Types of events that it handles. */
  handles?: readonly string[]
  /** Capabilities that it asks for. */
  permissions?: readonly string[]
  /** The schema of each kind of entry in the audit ledger. One that is about a permission goes with that. */
  ledger?: Readonly<Record<string, { entry: Json; permission?: string }>>
  /** What else can be counted on, by its place in the contract: a schema of what it may be. */
  promises?: Readonly<Record<string, Json>>
}

/** The place of every part of a contract, of which each is unchanged or told. */
export function partsOf(contract: Contract): string[] {
  const { operations, events, services, settings, configuration, handles, permissions, ledger } = contract
  const named = { operations, events, services, settings, ledger }
  return [
    ...Object.entries(named).flatMap(([kind, parts]) =>
      Object.keys(parts ?? {}).map((name) => pointerTo(`/${kind}`, name)),
    ),
    ...(configuration === undefined ? [] : ['/configuration']),
    ...(handles ?? []).map((type) => pointerTo('/handles', type)),
    ...(permissions ?? []).map((capability) => pointerTo('/permissions', capability)),
  ]
}
