import Type, { type Static } from 'typebox'
import { closed } from './closed.ts'
import { ULID_PATTERN } from './identity.ts'

const ulid = Type.String({ pattern: ULID_PATTERN })
const orNull = <Value extends Type.TSchema>(value: Value) => Type.Union([value, Type.Null()])
const text = Type.String({ minLength: 1 })
const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })

/** `.runs/<RUN_ID>/ids.json`: what exactly took part in a run of a plugin. Written once, and never changed. */
export const runSnapshotSchema = closed(
  {
    run_id: ulid,
    trace_id: text,
    purpose: Type.Enum(['dataset', 'conformance', 'operation']),
    created_at: text,
    plugin: closed({
      id: text,
      publisher: orNull(text),
      uid: orNull(ulid),
      version: text,
      kind: text,
      manifest: orNull(digest),
      policy_snapshot: orNull(digest),
    }),
    operations: Type.Array(closed({ name: text, uid: orNull(ulid) })),
    level: text,
    toolchain: Type.Record(Type.String(), text),
    /** For how many days policy keeps it; for good where it says nothing. */
    retention_days: orNull(Type.Number({ minimum: 0 })),
    /** Of a run over a dataset: where its outputs and its record are. */
    out: Type.Optional(text),
    record: Type.Optional(text),
  },
  { $id: 'urn:tenon:schema:run-snapshot:1', title: '.runs/<RUN_ID>/ids.json' },
)

export type RunSnapshot = Static<typeof runSnapshotSchema>
