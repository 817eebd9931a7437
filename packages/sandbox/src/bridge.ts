/**
 * The way from a sandbox's own loopback to the socket that leads outside. One file, standard library only, handed in as
 * bytes. Alone it runs a command beside the bridge, with the channel of its own: `bridge.mjs COMMAND...`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import process from 'node:process'

const SOCKET = '/run/egress.sock'
const PORT = 3128

/** Listens for clients of an HTTP proxy. It does not keep the process alive. */
export async function openBridge(): Promise<void> {
  const server = createServer((near) => {
    const far = connect(SOCKET)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  server.listen(PORT, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
}

async function runBeside([program = '', ...argv]: string[]): Promise<void> {
  await openBridge()
  const child = spawn(program, argv, { stdio: ['inherit', 'inherit', 'inherit', 'inherit'] })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (signal === null) process.exit(code ?? 1)
  process.kill(process.pid, signal)
}

if (import.meta.main) await runBeside(process.argv.slice(2))
