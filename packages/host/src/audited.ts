import { TenonError, type Audit, type AuditEntry } from '@tenon/contract'

/** What was tried, by whom and on what: an audit entry without its decision. */
export type Attempt = Omit<AuditEntry, 'decision' | 'reason'>

/** On whose behalf an operator's work is done. */
export type By = { actor: string; traceId: string }

/** Runs the host's own judging and records a refusal, with the capability that it names, before it is passed on. */
export function recordingRefusal<T>(audit: Audit, attempt: () => Attempt, judge: () => Promise<T>): Promise<T> {
  return recording(audit, judge, (code, { capability, reason }) => ({
    ...attempt(),
    ...(typeof capability === 'string' ? { capability } : {}),
    reason: typeof reason === 'string' ? `${code}: ${reason}` : code,
  }))
}

/**
 * Runs what others have a part in and records its failure before it is passed on. Of the failure only the code is
 * recorded: its details may be a plugin's words.
 */
export function recordingFailure<T>(audit: Audit, attempt: () => Attempt, work: () => Promise<T>): Promise<T> {
  return recording(audit, work, (code) => ({ ...attempt(), reason: code }))
}

async function recording<T>(
  audit: Audit,
  work: () => Promise<T>,
  entry: (code: string, details: Record<string, unknown>) => Attempt & { reason: string },
): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    const { code, details } = thrown instanceof TenonError ? thrown : { code: 'INTERNAL', details: {} }
    await audit.record({ ...entry(code, details), decision: 'deny' })
    throw thrown
  }
}
