import Type, { type Static } from 'typebox'
import { closed } from './closed.ts'
import { ULID_PATTERN } from './identity.ts'
import { problemsSchema } from './records-schema.ts'

const text = Type.String({ minLength: 1 })
const count = Type.Integer({ minimum: 0 })
const digest = Type.Unsafe<`sha256:${string}`>(Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }))
const orNull = <Value extends Type.TSchema>(value: Value) => Type.Union([value, Type.Null()])

/** What certification does to a plugin beside the gates of validation. A statement that lacks one of these certifies nothing. */
export const CERTIFICATION_GATES = ['start', 'types', 'lint', 'unit', 'behavior', 'fixtures', 'perf', 'ledger'] as const

const lineProof = closed({
  line: text,
  leaf: digest,
  index: count,
  size: count,
  root: digest,
  proof: Type.Array(digest),
})

/**
 * What the ledger of a repository says of a plugin's card: its lines and those that name the keys, each with its way to the root
 * that the checkpoint signs.
 */
const ledger = closed({
  card: Type.String({ pattern: ULID_PATTERN }),
  checkpoint: closed({
    streams: Type.Record(Type.String(), closed({ size: count, head: digest, root: digest })),
    at: text,
    keyId: text,
    signature: text,
  }),
  proofs: Type.Array(lineProof, { minItems: 1 }),
  keys: Type.Array(lineProof, { minItems: 1 }),
})

const judgedGate = {
  gate: text,
  verdict: Type.Enum(['pass', 'fail', 'inconclusive']),
  checked: count,
  /** Why there is nothing to check in such a plugin. */
  idle: Type.Optional(text),
}

/** Under which circumstances the gates judged. */
const circumstances = {
  /** The digest of the bundle's policy_snapshot.json. */
  policy: orNull(digest),
  toolchain: Type.Record(Type.String(), text),
  level: text,
  ledger: orNull(ledger),
}

/** What a statement says that was certified: each gate with its counts, and the bundle and the report to the byte. */
export const certificationSchema = closed({
  ...{ plugin: text, version: text },
  gates: Type.Array(closed({ ...judgedGate, problems: count })),
  ...circumstances,
  archive: digest,
  report: digest,
})

/**
 * `<id>-<version>.report.json`: what came of certifying a plugin. Only what stands in `measured` differs between two runs over
 * the same files on the same machine.
 */
export const certificationReportSchema = closed(
  {
    reportVersion: Type.Literal(1),
    ...{ plugin: text, version: text },
    /** The digest of the bundle's manifest; null where there is no bundle. */
    manifest: orNull(digest),
    verdict: judgedGate.verdict,
    gates: Type.Array(closed({ ...judgedGate, problems: problemsSchema })),
    ...circumstances,
    measured: closed({
      run: closed({ id: Type.String({ pattern: ULID_PATTERN }), snapshot: digest }),
      /** By gate: milliseconds, and what was seen. */
      gates: Type.Record(Type.String(), closed({ ms: count, notes: Type.Array(Type.String()) })),
    }),
  },
  { $id: 'urn:tenon:schema:certification-report:1', title: 'report of a certification' },
)

export type Certification = Static<typeof certificationSchema>
export type CertificationReport = Static<typeof certificationReportSchema>
