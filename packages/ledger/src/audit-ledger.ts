import {
  canonicalJson,
  jsonValue,
  limits,
  TenonError,
  type Audit,
  type AuditEntry,
  type AuditQuery,
  type AuditRecord,
  type World,
} from '@tenon/contract'
import { auditSchema, validatorOf } from '@tenon/contract/schema'
import { openReader, type DatabaseReader, type GroupWriter, type SqlValue } from '@tenon/database'
import { appendLine } from './audit-table.ts'
import { chainLine, EMPTY_CHAIN } from './chain.ts'
import { signCheckpoint, type Checkpoint, type CheckpointKey } from './checkpoint.ts'
import { verifyStreams, type Verification } from './verification.ts'

export type AuditLedger = Audit & {
  /** The stream that this process writes. */
  readonly stream: string
  /** Computes every stream anew, also against a checkpoint when one is given. */
  verify(checkpoint?: Checkpoint): Promise<Verification>
  /** Signs all heads; throws LEDGER_BROKEN rather than sign a stream that does not verify. */
  checkpoint(key: CheckpointKey): Promise<Checkpoint>
  close(): void
}

const validator = validatorOf(auditSchema)

/** Opens the ledger over a writer whose migrations hold `ledgerMigrations`, and begins a stream of its own. */
export function openAuditLedger({ writer, world }: { writer: GroupWriter; world: World }): AuditLedger {
  const reader = openReader(writer.path)
  const stream = world.newId()
  return {
    stream,
    record: recording(writer, stream, world),
    search: (query) => search(reader, query),
    uses: (actor) => reader.all(USE, USES, actor),
    verify: (checkpoint) => verifyStreams(reader, checkpoint),
    checkpoint: (key) => checkpointOf(reader, key, world),
    close: () => reader.close(),
  }
}

/** Every line names the one before, so after a line that was not written none may follow: callers fail closed. */
function recording(writer: GroupWriter, stream: string, world: World): Audit['record'] {
  let chain = EMPTY_CHAIN
  let lost: unknown
  return async (entry) => {
    if (lost !== undefined) throw unavailable(writer.path, lost)
    const at = new Date(world.now()).toISOString()
    const next = chainLine(chain, { ...entry, details: boundedDetails(entry), stream, at })
    chain = next.chain
    try {
      await writer.write([appendLine(next.line)])
    } catch (thrown) {
      lost ??= thrown
      throw unavailable(writer.path, lost)
    }
  }
}

const unavailable = (path: string, cause: unknown): TenonError =>
  new TenonError('AUDIT_UNAVAILABLE', `the audit ledger ${path} could not be written`, {
    hint: 'Make room or repair the disk, then start again: nothing that has to be audited is done until then.',
    cause,
  })

function boundedDetails({ details = {} }: AuditEntry): Record<string, unknown> {
  const bytes = Buffer.byteLength(canonicalJson(details))
  return bytes <= limits.auditDetailsBytes ? details : { omittedBytes: bytes }
}

const COLUMNS = {
  actor: 'actor',
  action: 'action',
  target: 'target',
  capability: "line ->> '$.capability'",
  decision: 'decision',
  traceId: 'trace_id',
} as const

const USE = { capability: 'text', times: 'number' } as const

const USES = `SELECT ${COLUMNS.capability} AS capability, count(*) AS times FROM audit_line
  WHERE actor = ? AND decision = 'allow' AND ${COLUMNS.capability} IS NOT NULL GROUP BY 1 ORDER BY 1`

function search(reader: DatabaseReader, query: AuditQuery): { items: AuditRecord[]; total: number } {
  const filters = filtersOf(query)
  const where = filters.map(({ column }) => ` AND ${column} = ?`).join('')
  const values = filters.map(({ value }) => value)
  const total = reader.get(
    { total: 'number' },
    `SELECT count(*) AS total FROM audit_line WHERE true${where}`,
    ...values,
  )
  const rows = reader.all(
    { line: 'text' },
    `SELECT line FROM audit_line WHERE true${where} ORDER BY position DESC LIMIT ? OFFSET ?`,
    ...values,
    Math.min(query.limit, limits.auditPageMax),
    query.offset,
  )
  return { items: rows.map(({ line }) => recordIn(line, reader.path)), total: total?.total ?? 0 }
}

function filtersOf(query: AuditQuery): { column: string; value: SqlValue }[] {
  const names = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]
  return names.flatMap((name) => {
    const value = query[name]
    return value === undefined ? [] : [{ column: COLUMNS[name], value }]
  })
}

function recordIn(line: string, path: string): AuditRecord {
  const value: unknown = jsonValue(line)
  if (validator.is(value)) return value
  throw new TenonError('DATA_FOLDER_CORRUPT', `${path} holds a line that is no audit entry`, {
    hint: 'Run "tenon ledger verify" to see where it was changed.',
  })
}

async function checkpointOf(reader: DatabaseReader, key: CheckpointKey, world: World): Promise<Checkpoint> {
  const { streams, broken } = await verifyStreams(reader)
  const [first] = broken
  if (first !== undefined)
    throw new TenonError('LEDGER_BROKEN', `line ${first.position} of stream ${first.stream} ${first.why}`, {
      hint: 'A checkpoint would vouch for what was changed; compare with the last one you have.',
      details: { broken },
    })
  return signCheckpoint({ streams, at: new Date(world.now()).toISOString() }, key)
}
