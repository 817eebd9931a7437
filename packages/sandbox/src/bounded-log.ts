import type { Readable } from 'node:stream'

export type LogStream = 'stdout' | 'stderr'
export type OnLog = (stream: LogStream, text: string) => void

const TAIL_CHARACTERS = 16_384

/** What a process printed: passed on up to a bound in total, with the newest part kept for reports. */
export function boundedLog(maxBytes: number, onLog: OnLog) {
  let bytes = 0
  let tail = ''
  const take = (stream: LogStream) => (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS)
    if (bytes > maxBytes) return
    bytes += Buffer.byteLength(text)
    onLog(stream, bytes > maxBytes ? `[the log ends here: ${maxBytes} bytes are its bound]\n` : text)
  }
  return {
    follow: (stream: LogStream, from: Readable) => void from.setEncoding('utf8').on('data', take(stream)),
    tail: () => tail,
  }
}

export type BoundedLog = ReturnType<typeof boundedLog>
