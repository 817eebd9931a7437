import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Json } from '@tenon/contract'

/** A child that sends back what it gets. */
const ECHO = `const { Socket } = require('node:net'); const pair = new Socket({ fd: 3 }); pair.pipe(pair)`

/** The same, of messages of JSON, each of which it reads and writes. */
const ECHO_JSON = `const { Socket } = require('node:net'); const pair = new Socket({ fd: 3 })
  pair.on('data', (${messagesOf.toString()})(Number(process.argv[1]), (message) => {
    pair.write(JSON.stringify(JSON.parse(message.toString())))
  }))`

export type BarePair<Message> = { send: (message: Message) => Promise<void>; stop: () => Promise<void> }

/** A socket pair to another process and nothing else: the least that so many bytes there and back can cost. */
export function barePair(bytes: number): BarePair<Uint8Array> {
  const { exchange, stop } = pairWith(['-e', ECHO], bytes)
  return { send: async (message) => void (await exchange(message)), stop }
}

/** A socket pair over which messages of so many bytes go as JSON, read and written at both ends. */
export function jsonPair(bytes: number): BarePair<Json> {
  const { exchange, stop } = pairWith(['-e', ECHO_JSON, String(bytes)], bytes)
  return {
    send: async (message) => void JSON.parse((await exchange(Buffer.from(JSON.stringify(message)))).toString()),
    stop,
  }
}

function pairWith(argv: readonly string[], bytes: number) {
  const child = spawn(process.execPath, argv, { env: {}, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const pair = child.stdio[3] as Duplex
  const waiting: ((message: Buffer) => void)[] = []
  pair.on(
    'data',
    messagesOf(bytes, (message) => waiting.shift()?.(message)),
  )
  return {
    exchange: (message: Uint8Array): Promise<Buffer> =>
      new Promise((resolve) => {
        waiting.push(resolve)
        pair.write(message)
      }),
    stop: async (): Promise<void> => {
      pair.destroy()
      await once(child, 'exit')
    },
  }
}

/** Takes what comes over a pair and gives it on as messages of so many bytes. It names nothing outside itself, as it is handed to a child as text. */
function messagesOf(bytes: number, give: (message: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let held = 0
  return (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    if (held < bytes) return
    const all = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    const rest = held % bytes
    for (let at = 0; at < held - rest; at += bytes) give(all.subarray(at, at + bytes))
    chunks = rest === 0 ? [] : [all.subarray(-rest)]
    held = rest
  }
}
