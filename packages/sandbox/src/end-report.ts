import { constants } from 'node:os'
import type { Json } from '@tenon/contract'

export type EndReason = 'oom' | 'cpu' | 'io' | 'pids' | 'disk' | 'time' | 'crash' | 'exit' | 'killed'

export type Usage = { wallMs: number; cpuMs: number; maxRssBytes: number }

/** Why a process ended. `message` is for people, `evidence` for records. */
export type EndReport = {
  reason: EndReason
  message: string
  code: number | null
  signal: string | null
  evidence: { [name: string]: Json }
  usage: Usage
}

/** A decision of the host to end a process, or what the kernel is known to have done. */
export type Verdict = { reason: EndReason; message: string; evidence: { [name: string]: Json } }

type Exit = Pick<EndReport, 'code' | 'signal'>

/** bubblewrap ends with 128 + n when the command was ended by signal n. */
export function exitOf(code: number | null, signal: string | null): Exit {
  const inner = Object.entries(constants.signals).find(([, number]) => code === 128 + number)
  return inner === undefined ? { code, signal } : { code: null, signal: inner[0] }
}

/** What the system tells a process that was refused something; that it was, only the process can report. */
const LAST_WORDS: readonly (readonly [RegExp, EndReason, string])[] = [
  [/ENOSPC|EFBIG|No space left on device|File too large/, 'disk', 'it wrote more than it may'],
  [/EMFILE|Too many open files/, 'crash', 'it wanted more open files than it may have'],
  [/Resource temporarily unavailable|can't start new thread|pthread_create/, 'pids', 'it was refused another process'],
  [
    /heap out of memory|MemoryError|Cannot allocate memory|ERR_MEMORY_ALLOCATION_FAILED/,
    'oom',
    'it was refused more memory',
  ],
]

/** The report of a process that nobody decided to end. */
export function unforcedEnd({ code, signal }: Exit, lastWords: string): Verdict {
  if (code === 0) return { reason: 'exit', message: 'it ended by itself', evidence: {} }
  for (const [words, reason, message] of LAST_WORDS) {
    const said = words.exec(lastWords)?.[0]
    if (said !== undefined) return { reason, message, evidence: { code, signal, said } }
  }
  const how = signal === null ? `with exit status ${code}` : `by ${signal}`
  return { reason: 'crash', message: `it ended ${how}`, evidence: { code, signal } }
}
