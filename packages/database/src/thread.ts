import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Runs a function in a thread of its own. It is started from its own source text, so that it survives bundling into any
 * file; therefore it uses nothing but its two parameters.
 */
export function threadOf(
  work: (sqlite: typeof import('node:sqlite'), threads: typeof import('node:worker_threads')) => void,
  workerData: WorkerOptions['workerData'],
): Worker {
  const imports = `import sqlite from 'node:sqlite'; import threads from 'node:worker_threads'`
  const source = `${imports}; (${work.toString()})(sqlite, threads)`
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData, execArgv: [] })
}
