import type { Readable } from 'node:stream'

export type LogStream = 'stdout' | 'stderr'
export type OnLog = (stream: LogStream, text: string) => void

const TAIL_CHARACTERS = 16_384

/** What a process printed: passed on up to a bound in total, with the newest part kept for reports. */
export function boundedLog(maxBytes: number, onLog: OnLog, onFull: (message: string) => void) {
  let bytes = 0
  let tail = ''
  const take = (stream: LogStream) => (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS)
    if (bytes > maxBytes) return
    bytes += Buffer.byteLength(text)
    if (bytes <= maxBytes) return onLog(stream, text)
    onLog(stream, `[the log ends here: ${maxBytes} bytes are its bound]\n`)
    onFull(`it printed more than ${maxBytes} bytes, and the rest is dropped`)
  }
  return {
    follow: (stream: LogStream, from: Readable) => void from.setEncoding('utf8').on('data', take(stream)),
    tail: () => tail,
  }
}

export type BoundedLog = ReturnType<typeof boundedLog>
