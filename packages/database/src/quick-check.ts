import { once } from 'node:events'
import { limits, TenonError } from '@tenon/contract'
import { sqliteFault, type SqliteFailure } from './sqlite-fault.ts'
import { threadOf } from './thread.ts'

type Report = { found: string[] } | { failed: SqliteFailure }

/** Throws DATA_FOLDER_CORRUPT with what is wrong when pages or indexes of a file are damaged. Faults name `named`. */
export async function quickCheck(path: string, named: string): Promise<void> {
  const thread = threadOf(checkPages, { path, lockWaitMs: limits.lockWaitMs })
  const [report] = (await once(thread, 'message')) as [Report]
  if ('failed' in report)
    throw sqliteFault(named, Object.assign(new Error(report.failed.message), { errcode: report.failed.errcode }))
  const { found } = report
  if (found.length === 1 && found[0] === 'ok') return
  throw new TenonError('DATA_FOLDER_CORRUPT', `${named}: ${found[0]}`, {
    hint: 'Restore it from a backup.',
    details: { path: named, found },
  })
}

/** Reads every page, which may take long, so it has a thread of its own. */
/* v8 ignore start -- coverage cannot see a function that runs from its text */
function checkPages(
  sqlite: typeof import('node:sqlite'),
  { parentPort: port, workerData }: typeof import('node:worker_threads'),
): void {
  const report = (message: Report): void => port?.postMessage(message)
  try {
    const db = new sqlite.DatabaseSync(workerData.path, { readOnly: true, timeout: workerData.lockWaitMs })
    const rows = db.prepare('PRAGMA quick_check').all()
    db.close()
    report({ found: rows.map((row) => String(row['quick_check'])) })
  } catch (thrown) {
    const { message, errcode } = thrown as Partial<SqliteFailure>
    report({ failed: { message: message ?? String(thrown), errcode: errcode ?? 0 } })
  }
}
/* v8 ignore stop */
