import {
  canonicalJson,
  isEventType,
  jsonValue,
  TenonError,
  type EventRecord,
  type Json,
  type Problem,
} from '@tenon/contract'
import { foreignValidator, type Validator } from '@tenon/contract/schema'
import type { DatabaseReader, GroupWriter } from '@tenon/database'

/** The JSON Schema of the payload that events of a type and version carry. */
export type EventType = { type: string; version: number; schema: Json }

export type EventTypes = {
  /** Settles when the type is on disk. A version that is registered keeps its schema for ever. */
  register(eventType: EventType): Promise<void>
  all(): EventType[]
  /** Why an event may not carry its payload. A type that nobody registered carries what it likes. */
  problems(event: EventRecord): Problem[]
}

const COLUMNS = { type: 'text', version: 'number', schema: 'text' } as const

export function openEventTypes(reader: DatabaseReader, writer: GroupWriter): EventTypes {
  const versions = new Map<string, Map<number, Validator<Json>>>()
  const add = ({ type, version, schema }: EventType): void => {
    versions.set(type, (versions.get(type) ?? new Map()).set(version, foreignValidator(schema)))
  }
  const all = (): EventType[] =>
    reader
      .all(COLUMNS, 'SELECT type, version, schema FROM event_type ORDER BY type, version')
      .map((row) => ({ ...row, schema: jsonValue(row.schema) as Json }))
  for (const known of all()) add(known)
  return {
    all,
    async register(eventType) {
      refuseMalformed(eventType)
      await store(reader, writer, eventType)
      add(eventType)
    },
    problems(event) {
      const known = versions.get(event.type)
      if (known === undefined) return []
      const validator = known.get(event.version)
      return validator === undefined ? [unknownVersion(event, [...known.keys()])] : payloadProblems(event, validator)
    },
  }
}

async function store(reader: DatabaseReader, writer: GroupWriter, { type, version, schema }: EventType): Promise<void> {
  const text = canonicalJson(schema)
  const sql = 'INSERT INTO event_type (type, version, schema) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
  await writer.write([{ sql, params: [type, version, text] }])
  const [stored] = reader.all(COLUMNS, 'SELECT * FROM event_type WHERE type = ? AND version = ?', type, version)
  if (stored?.schema === text) return
  throw new TenonError('EVENT_INVALID', `version ${version} of ${type} is registered with another schema`, {
    hint: 'Give the changed schema a new version.',
  })
}

function refuseMalformed({ type, version, schema }: EventType): void {
  const refuse = (what: string, cause?: unknown): never => {
    throw new TenonError('EVENT_INVALID', `the event type ${JSON.stringify(type)} ${what}`, { cause })
  }
  if (!isEventType(type)) refuse('is malformed')
  if (!Number.isSafeInteger(version) || version < 1) refuse(`has the version ${version}`)
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) refuse('has no JSON Schema object')
  try {
    foreignValidator(schema).problems(null)
  } catch (cause) {
    refuse(`has a schema that cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}

const unknownVersion = ({ type, version }: EventRecord, known: number[]): Problem => ({
  pointer: '/version',
  code: 'EVENT_VERSION_UNKNOWN',
  message: `version ${version} of ${type} is not registered; ${known.join(', ')} ${known.length === 1 ? 'is' : 'are'}`,
})

const payloadProblems = ({ payload }: EventRecord, validator: Validator<Json>): Problem[] =>
  validator.problems(payload).map((problem) => ({ ...problem, pointer: `/payload${problem.pointer}` }))
