import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { limits, readJson, TenonError, type World } from '@tenon/contract'
import { stopError } from '../io.ts'

export type RemotePlugin = { port: number; stop(): Promise<void> }

export type RemoteOrder = {
  script: string
  env: Record<string, string>
  isRegistered(): boolean
  world: World
  /** Ends the waiting. */
  signal: AbortSignal
}

/**
 * Starts a remote plugin's server as a child process, with nothing of this process's environment, and waits until it is
 * registered. One that does not come up is gone when this rejects.
 */
export async function startRemotePlugin(order: RemoteOrder): Promise<RemotePlugin> {
  const { script, env, world } = order
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const stop = (): Promise<void> => ended(child, exited, world)
  try {
    return { port: await upPort(order, child.stdout, lastLines(child.stderr), once(child, 'close')), stop }
  } catch (thrown) {
    await stop()
    throw order.signal.aborted ? stopError(order.signal, thrown) : thrown
  }
}

/** The port of the plugin once it is registered; rejects when it ends before, or takes too long. */
async function upPort(
  { isRegistered, world, signal }: RemoteOrder,
  stdout: Readable,
  printed: readonly string[],
  closed: Promise<unknown>,
): Promise<number> {
  const over = new AbortController()
  const waiting = AbortSignal.any([over.signal, signal])
  const comesUp = async (): Promise<number> => {
    const port = await saidPort(stdout)
    while (!isRegistered()) await world.timer(10, waiting)
    return port
  }
  const fails = async (when: Promise<unknown>, why: string): Promise<never> => {
    await when
    throw new TenonError('PLUGIN_START_FAILED', `the remote plugin ${why}`, {
      ...(printed.length === 0 ? {} : { hint: `It printed: ${printed.join(' ')}` }),
    })
  }
  try {
    return await Promise.race([
      comesUp(),
      fails(closed, 'ended before it was registered'),
      fails(world.timer(limits.pluginStartMs, waiting), 'was not registered in time'),
    ])
  } finally {
    over.abort()
  }
}

/** Waits for a line such as `{"port": 8080}`; what is printed besides is passed over, then and later. */
function saidPort(stdout: Readable): Promise<number> {
  return new Promise((resolve) => {
    createInterface(stdout).on('line', (line) => {
      const { value } = readJson(line)
      const said = value !== null && typeof value === 'object' && 'port' in value ? value['port'] : undefined
      if (typeof said === 'number') resolve(said)
    })
  })
}

const LINES_KEPT = 3

function lastLines(stream: Readable): readonly string[] {
  const lines: string[] = []
  createInterface(stream).on('line', (line) => {
    lines.push(line)
    if (lines.length > LINES_KEPT) lines.shift()
  })
  return lines
}

/** Asks a process to end, and ends it when it does not. */
async function ended(child: ChildProcess, exited: Promise<unknown>, world: World): Promise<void> {
  const gone = new AbortController()
  child.kill()
  const insisting = world.timer(limits.pluginStopMs, gone.signal).then(
    () => child.kill('SIGKILL'),
    () => false,
  )
  await exited
  gone.abort()
  await insisting
}
