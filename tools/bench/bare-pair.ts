import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'

/** A child that sends back what it gets. */
const ECHO = `const { Socket } = require('node:net'); const pair = new Socket({ fd: 3 }); pair.pipe(pair)`

export type BarePair = { send: (bytes: Uint8Array) => Promise<void>; stop: () => Promise<void> }

/** A socket pair to another process and nothing else: the least that a call of one can cost. */
export function barePair(): BarePair {
  const child = spawn(process.execPath, ['-e', ECHO], { env: {}, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const pair = child.stdio[3] as Duplex
  let [missing, done] = [0, (): void => undefined]
  pair.on('data', (chunk: Buffer) => {
    missing -= chunk.length
    if (missing === 0) done()
  })
  return {
    send: (bytes) =>
      new Promise((resolve) => {
        ;[missing, done] = [bytes.length, resolve]
        pair.write(bytes)
      }),
    stop: async () => {
      pair.destroy()
      await once(child, 'exit')
    },
  }
}
