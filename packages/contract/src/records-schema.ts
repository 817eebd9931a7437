import Type, { type Static } from 'typebox'
import { EVENT_TYPE_PATTERN, FOREIGN_ID_PATTERN, ULID_PATTERN } from './identity.ts'
import { limits } from './limits.ts'
import { closed } from './closed.ts'

const time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' })
const hash = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })

/** An event as the bus holds it. On `/messaging` the keys are snake_case. */
export const eventSchema = closed(
  {
    id: Type.String({ pattern: ULID_PATTERN }),
    type: Type.String({ pattern: EVENT_TYPE_PATTERN, maxLength: limits.eventTypeBytes }),
    version: Type.Integer({ minimum: 1 }),
    source: Type.String({ pattern: FOREIGN_ID_PATTERN }),
    at: time,
    traceId: Type.String({ minLength: 1, maxLength: 128 }),
    key: Type.Optional(Type.String({ maxLength: 256 })),
    ttlMs: Type.Optional(Type.Integer({ minimum: 1 })),
    dataTraits: Type.Array(Type.String()),
    payload: Type.Unknown(),
    metadata: Type.Record(Type.String(), Type.String()),
  },
  { $id: 'urn:tenon:schema:event:1', title: 'event' },
)

/** One line of an audit stream. `prev` is the digest of the line before. */
export const auditSchema = closed(
  {
    stream: Type.String({ pattern: ULID_PATTERN }),
    seq: Type.Integer({ minimum: 0 }),
    prev: hash,
    at: time,
    actor: Type.String({ minLength: 1 }),
    action: Type.String({ minLength: 1 }),
    target: Type.String(),
    capability: Type.Optional(Type.String()),
    decision: Type.Enum(['allow', 'deny']),
    reason: Type.String(),
    traceId: Type.String({ minLength: 1 }),
    details: Type.Record(Type.String(), Type.Unknown()),
  },
  { $id: 'urn:tenon:schema:audit:1', title: 'audit entry' },
)

export const problemsSchema = Type.Array(
  closed({
    pointer: Type.String(),
    code: Type.String(),
    message: Type.String(),
    hint: Type.Optional(Type.String()),
    file: Type.Optional(Type.String()),
    line: Type.Optional(Type.Integer()),
  }),
)

export const problemSchema = closed(
  {
    type: Type.String({ pattern: '^urn:tenon:error:[A-Z_]+$' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    code: Type.String({ pattern: '^[A-Z]+(_[A-Z]+)*$' }),
    hint: Type.Optional(Type.String()),
    errors: Type.Optional(problemsSchema),
  },
  { $id: 'urn:tenon:schema:problem:1', title: 'problem document' },
)

export type EventRecord = Static<typeof eventSchema>
export type AuditRecord = Static<typeof auditSchema>
