import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { limits, TenonError, type World } from '@tenon/contract'

export type RemotePlugin = { port: number; stop(): Promise<void> }

export type RemoteOrder = {
  script: string
  env: Record<string, string>
  isRegistered(): boolean
  world: World
}

/** Starts a remote plugin's server as a child process, with nothing of this process's environment, and waits until it is registered. */
export async function startRemotePlugin({ script, env, isRegistered, world }: RemoteOrder): Promise<RemotePlugin> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  const printed: string[] = []
  createInterface(child.stderr).on('line', (line) => printed.push(line))
  const stop = async (): Promise<void> => {
    child.kill()
    await ended
  }
  const answered = new AbortController()
  const port = await Promise.race([
    portOf(child.stdout),
    ended.then(() => failed(printed)),
    world.timer(limits.pluginStartMs, answered.signal).then(() => failed(['it said no port in time'])),
  ]).finally(() => answered.abort())
  for (let waited = 0; !isRegistered(); waited += 10) {
    if (waited > limits.pluginStartMs || child.exitCode !== null) {
      await stop()
      return failed(printed)
    }
    await world.timer(10)
  }
  return { port, stop }
}

async function portOf(stdout: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface(stdout)) {
    const said = line.startsWith('{') ? (JSON.parse(line) as { port?: number }) : {}
    if (said.port !== undefined) return said.port
  }
  return failed([])
}

function failed(printed: readonly string[]): never {
  throw new TenonError('PLUGIN_START_FAILED', `the remote plugin did not start: ${printed.slice(-3).join(' ')}`)
}
