import { createInterface } from 'node:readline'
import { Writable, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { TenonError } from '@tenon/contract'
import { stopError } from './io.ts'

type Asking = { words: string; signal: AbortSignal }

/** All that comes, without its last line break; of a terminal one line, of which nothing is shown. */
export async function readSecret(
  input: Readable & { isTTY?: boolean },
  output: Writable,
  asking: Asking,
): Promise<string> {
  if (input.isTTY !== true) return (await text(input)).replace(/\r?\n$/, '')
  // The terminal shows nothing from here on, so that nothing is seen of what is typed as soon as it is asked for.
  const typed = typedLine(input, asking.signal)
  output.write(`${asking.words}: `)
  try {
    return await typed
  } finally {
    output.write('\n')
  }
}

function typedLine(input: Readable, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  return new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('SIGINT', () => reject(new TenonError('CALL_CANCELLED', 'nothing was typed')))
    lines.once('close', () => reject(new TenonError('USAGE', 'the input ended before a line of it')))
    signal.addEventListener('abort', () => reject(stopError(signal, undefined)), { once: true })
  }).finally(() => lines.close())
}
