import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { assert, limits, TenonError } from '@tenon/contract'
import { commitLoop, type Batch, type Statement, type WriterOrder, type WriterReport } from './commit-loop.ts'
import { openDatabase, type DatabaseOptions } from './database.ts'
import { sqliteFault, type SqliteFailure } from './sqlite-fault.ts'
import { threadOf } from './thread.ts'

/** The only writer of a database file, in a thread of its own. Readers of the file use `openReader`. */
export type GroupWriter = {
  readonly path: string
  /**
   * Settles after the commit that holds the statements; they are done together or not at all. With `attached`, the path of
   * another database, they read it as the schema of that name.
   */
  write(statements: Statement[], options?: { attached?: string }): Promise<void>
  /** Waits for what was written, then ends the thread. */
  close(): Promise<void>
}

type Call = { statements: Batch; attached: string | undefined; resolve: () => void; reject: (reason: unknown) => void }

/** Opens a database as `openDatabase` does and gives its writing to a thread. Calls made in one turn share one commit. */
export async function openGroupWriter(
  path: string,
  options: Omit<DatabaseOptions, 'durable' | 'named'>,
): Promise<GroupWriter> {
  openDatabase(path, options).close()
  const worker = threadOf(commitLoop, { path, lockWaitMs: limits.lockWaitMs })
  const [report] = (await once(worker, 'message')) as [WriterReport]
  if ('failed' in report) {
    await worker.terminate()
    throw faultOf(path, report.failed)
  }
  return writerOver(worker, path)
}

function writerOver(worker: Worker, path: string): GroupWriter {
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  let waiting: Call[] = []
  let underWay: Call[] = []
  let closing = false
  let lost: unknown
  const order = (message: WriterOrder): void => worker.postMessage(message, [])

  const send = (): void => {
    if (underWay.length > 0 || lost !== undefined) return
    if (waiting.length === 0) return closing ? order({ close: true }) : worker.unref()
    underWay = nextGroup(waiting)
    waiting = waiting.slice(underWay.length)
    worker.ref()
    order({ group: underWay.map(({ statements }) => statements), attached: underWay[0]?.attached })
  }
  const settle = (results: (SqliteFailure | undefined)[]): void => {
    for (const [index, { resolve, reject }] of underWay.entries()) {
      const failure = results[index]
      if (failure === undefined) resolve()
      else reject(faultOf(path, failure))
    }
    underWay = []
    send()
  }
  const lose = (cause: unknown): void => {
    lost ??= new TenonError('INTERNAL', `the thread that writes ${path} ended`, { cause })
    for (const { reject } of [...underWay, ...waiting]) reject(lost)
  }

  worker.unref()
  worker.on('message', (report: WriterReport) => 'settled' in report && settle(report.settled))
  worker.on('error', lose)
  worker.on('exit', (code) => lose(`exit code ${code}`))
  return {
    path,
    async write(statements, { attached } = {}) {
      assert(!closing, 'a closed writer takes no statements')
      if (lost !== undefined) throw lost
      return new Promise((resolve, reject) => {
        waiting.push({ statements, attached, resolve, reject })
        if (waiting.length === 1 && underWay.length === 0) setImmediate(send)
      })
    },
    async close() {
      if (!closing && lost === undefined) {
        closing = true
        worker.ref()
        if (waiting.length === 0) send()
      }
      await ended
    },
  }
}

/** The calls that share the next commit: one that attaches a database has its own. */
function nextGroup(waiting: Call[]): Call[] {
  const alone = waiting.findIndex(({ attached }) => attached !== undefined)
  return alone === -1 ? waiting : waiting.slice(0, Math.max(alone, 1))
}

const faultOf = (path: string, { message, errcode }: SqliteFailure): unknown =>
  sqliteFault(path, Object.assign(new Error(message), { errcode }))
