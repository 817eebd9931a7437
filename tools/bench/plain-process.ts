import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Json } from '@tenon/contract'

const GUEST = new URL('../../packages/sandbox/src/guest.ts', import.meta.url)

export type PlainProcess = {
  call: (operation: string, input: Json) => Promise<Json>
  stop: () => Promise<void>
  memory: () => number
}

/** Writes the guest and a plugin as JavaScript, as a sandbox hands them in. */
export function writePlain(folder: string, plugin: string): { guest: string; entry: string } {
  const files = { guest: join(folder, 'guest.mjs'), entry: join(folder, 'plugin.mjs') }
  writeFileSync(files.guest, stripTypeScriptTypes(readFileSync(GUEST, 'utf8')))
  writeFileSync(files.entry, plugin)
  return files
}

/** The same guest, plugin, socket pair and frames, in a child process that nothing contains. */
export async function startPlain({ guest, entry }: { guest: string; entry: string }): Promise<PlainProcess> {
  const child = spawn(process.execPath, [guest], { env: {}, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const ask = asking(child.stdio[3] as Duplex)
  const bounds = { frameBytes: 1_048_576, depthMax: 32, openMax: 64 }
  await ask('load', { entry, limits: bounds })
  return {
    call: (operation, input) => ask('call', { operation, input }),
    memory: () => ownMemory(child.pid ?? 0),
    stop: async () => {
      child.stdio[3]?.destroy()
      await once(child, 'exit')
    },
  }
}

/** What it holds that no other process shares. */
const ownMemory = (pid: number): number =>
  Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024

function asking(channel: Duplex): (method: string, params: object) => Promise<Json> {
  const open = new Map<number, (result: Json) => void>()
  let received: Buffer = Buffer.alloc(0)
  let last = 0
  channel.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    while (received.length >= 4 && received.length >= 4 + received.readUInt32BE()) {
      const end = 4 + received.readUInt32BE()
      const { id, result } = JSON.parse(received.subarray(4, end).toString()) as { id: number; result: Json }
      open.get(id)?.(result)
      open.delete(id)
      received = received.subarray(end)
    }
  })
  return (method, params) =>
    new Promise((resolve) => {
      const id = ++last
      open.set(id, resolve)
      const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
      const header = Buffer.alloc(4)
      header.writeUInt32BE(body.length)
      channel.write(Buffer.concat([header, body]))
    })
}
