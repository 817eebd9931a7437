import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { stopError } from './io.ts'

/** Asks for a line, on standard error, for standard output may be a file. An end of the input is an empty answer. */
export async function askPerson(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  const ended = once(lines, 'close').then(() => '')
  try {
    return await Promise.race([lines.question(question, { signal }), ended])
  } catch (cause) {
    throw stopError(signal, cause)
  } finally {
    lines.close()
  }
}
