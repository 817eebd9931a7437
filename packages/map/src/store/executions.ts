import { jsonValue, type Json } from '@tenon/contract'
import type { DatabaseReader, RowOf, SqlValue } from '@tenon/database'
import { EXECUTION } from './columns.ts'

export const EXECUTION_STATUSES = ['completed', 'failed', 'cancelled'] as const
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number]

export const FAILURE_REASONS = [
  'runner-error',
  'report-invalid',
  'timeout',
  'abandoned',
  'job-file-missing',
  'user-cancelled',
] as const

/** One run of an action, as it ended. Times are milliseconds since the epoch. */
export type Execution = {
  id: string
  kind: 'action'
  extensionId: string
  extensionVersion: string
  nodeIds: string[]
  contentHash: string | null
  status: ExecutionStatus
  failureReason: string | null
  exitCode: number | null
  runner: string | null
  startedAt: number
  finishedAt: number
  durationMs: number | null
  tokensIn: number | null
  tokensOut: number | null
  report: Json
  jobId: string | null
}

export type ExecutionFilter = {
  nodePath?: string | undefined
  action?: string | undefined
  statuses?: readonly ExecutionStatus[] | undefined
  /** Those that began at or after. */
  since?: number | undefined
  /** Those that began before. */
  until?: number | undefined
  limit?: number | undefined
}

/** The executions that a filter lets through, the newest first. */
export function readExecutions(database: DatabaseReader, filter: ExecutionFilter): Execution[] {
  const { where, params } = conditionsOf(filter)
  const sql = `SELECT ${Object.keys(EXECUTION).join(', ')} FROM state_executions ${where} ORDER BY started_at DESC, id DESC LIMIT ?`
  return database.all(EXECUTION, sql, ...params, filter.limit ?? -1).map(executionOf)
}

function conditionsOf({ nodePath, action, statuses, since, until }: ExecutionFilter): {
  where: string
  params: SqlValue[]
} {
  const conditions: [sql: string, value: SqlValue | undefined][] = [
    ['EXISTS (SELECT 1 FROM json_each(node_ids_json) WHERE value = ?)', nodePath],
    ['extension_id = ?', action],
    ['status IN (SELECT value FROM json_each(?))', statuses && JSON.stringify(statuses)],
    ['started_at >= ?', since],
    ['started_at < ?', until],
  ]
  const asked = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]))
  return {
    where: asked.length === 0 ? '' : `WHERE ${asked.map(({ sql }) => sql).join(' AND ')}`,
    params: asked.map(({ value }) => value),
  }
}

const executionOf = (row: RowOf<typeof EXECUTION>): Execution => ({
  id: row.id,
  kind: 'action',
  extensionId: row.extension_id,
  extensionVersion: row.extension_version,
  nodeIds: jsonValue(row.node_ids_json) as string[],
  contentHash: row.content_hash,
  status: row.status as ExecutionStatus,
  failureReason: row.failure_reason,
  exitCode: row.exit_code,
  runner: row.runner,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  durationMs: row.duration_ms,
  tokensIn: row.tokens_in,
  tokensOut: row.tokens_out,
  report: row.report_json === null ? null : (jsonValue(row.report_json) as Json),
  jobId: row.job_id,
})
