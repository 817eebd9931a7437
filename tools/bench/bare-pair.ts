import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Json } from '@tenon/contract'

/** A child that sends back what it gets. */
const ECHO = `const { Socket } = require('node:net'); const pair = new Socket({ fd: 3 }); pair.pipe(pair)`

/** The same, of messages of so many bytes of JSON, each of which it reads and writes. */
const ECHO_JSON = `const { Socket } = require('node:net'); const pair = new Socket({ fd: 3 })
  let [chunks, missing] = [[], Number(process.argv[1])]
  pair.on('data', (chunk) => {
    chunks.push(chunk)
    missing -= chunk.length
    if (missing > 0) return
    pair.write(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())));
    [chunks, missing] = [[], Number(process.argv[1])]
  })`

export type BarePair<Message> = { send: (message: Message) => Promise<void>; stop: () => Promise<void> }

/** A socket pair to another process and nothing else: the least that bytes there and back can cost. */
export function barePair(): BarePair<Uint8Array> {
  const { exchange, stop } = pairWith(['-e', ECHO])
  return { send: async (bytes) => void (await exchange(bytes)), stop }
}

/** A socket pair over which messages of so many bytes go as JSON, read and written at both ends. */
export function jsonPair(bytes: number): BarePair<Json> {
  const { exchange, stop } = pairWith(['-e', ECHO_JSON, String(bytes)])
  return {
    send: async (message) => void JSON.parse((await exchange(Buffer.from(JSON.stringify(message)))).toString()),
    stop,
  }
}

function pairWith(argv: readonly string[]) {
  const child = spawn(process.execPath, argv, { env: {}, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const pair = child.stdio[3] as Duplex
  let missing = 0
  let chunks: Buffer[] = []
  let done = (_bytes: Buffer): void => undefined
  pair.on('data', (chunk: Buffer) => {
    missing -= chunk.length
    chunks.push(chunk)
    if (missing === 0) done(chunks.length === 1 ? chunk : Buffer.concat(chunks))
  })
  return {
    exchange: (bytes: Uint8Array): Promise<Buffer> =>
      new Promise((resolve) => {
        ;[missing, chunks, done] = [bytes.length, [], resolve]
        pair.write(bytes)
      }),
    stop: async (): Promise<void> => {
      pair.destroy()
      await once(child, 'exit')
    },
  }
}
