import Type, { type Static } from 'typebox'
import { ULID_PATTERN } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'

const time = Type.String()
const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })

/**
 * `_runs/<RUN_ID>.json` beside the outputs: written when a run begins and again when it ends. `lost` is never written:
 * it is what is said of a record that still says `running` when the process that ran it is gone.
 */
export const runRecordSchema = closed(
  {
    run_id: Type.String({ pattern: ULID_PATTERN }),
    status: Type.Enum(['running', 'succeeded', 'failed', 'cancelled', 'refused', 'lost']),
    created_at: time,
    started_at: time,
    ended_at: Type.Union([time, Type.Null()]),
    plugin: closed({
      id: Type.String(),
      publisher: Type.Union([Type.String(), Type.Null()]),
      kind: Type.String(),
      version: Type.String(),
      manifest: Type.Union([digest, Type.Null()]),
    }),
    backend: Type.String(),
    level: Type.String(),
    degraded: Type.Array(Type.String()),
    dataset_dir: Type.String(),
    out_dir: Type.String(),
    work_dir: Type.Union([Type.String(), Type.Null()]),
    dry_run: Type.Boolean(),
    config: Type.Unknown(),
    config_hash_sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    inputs: closed({ files: Type.Integer(), bytes: Type.Integer(), fingerprint: digest }),
    outputs: Type.Array(closed({ path: Type.String(), size: Type.Integer(), sha256: digest })),
    exit: Type.Union([
      closed({
        code: Type.Union([Type.Integer(), Type.Null()]),
        signal: Type.Union([Type.String(), Type.Null()]),
        reason: Type.String(),
        message: Type.String(),
      }),
      Type.Null(),
    ]),
    failure: Type.Union([closed({ exception: Type.String(), message: Type.String() }), Type.Null()]),
    usage: Type.Union([
      closed({ wallMs: Type.Number(), cpuMs: Type.Number(), maxRssBytes: Type.Number() }),
      Type.Null(),
    ]),
  },
  { $id: 'urn:tenon:schema:run:1', title: 'run record' },
)

export type RunRecord = Static<typeof runRecordSchema>
