import { join } from 'node:path'
import { chooseLevel, probeLevels, startPlugin, type PluginProcess } from '@tenon/sandbox'
import { wallWorld } from '@tenon/testkit'
import { startPlain, writePlain } from './plain-process.ts'
import { interleaved, timed, type Bench, type Subject } from './trials.ts'

const PLUGIN = 'export default { operations: { echo: (input) => input } }'
const INPUT = { text: 'hello' }
const CALLS = 2_000

/** From nothing to the first answer; the end of the process is not counted. */
export const sandboxStart: Bench = async (folder, { trials }) => {
  const start = await starter(folder)
  const plain = writePlain(folder, PLUGIN)
  const contained: Subject['trial'] = async () => {
    const began = performance.now()
    const plugin = await start()
    await plugin.call('echo', INPUT, { traceId: 'bench' })
    const ms = performance.now() - began
    await plugin.stop()
    return { ms }
  }
  const free: Subject['trial'] = async () => {
    const began = performance.now()
    const child = await startPlain(plain)
    await child.call('echo', INPUT)
    const ms = performance.now() - began
    await child.stop()
    return { ms }
  }
  // What may be kept between starts is kept by the first.
  await contained()
  return interleaved(
    [
      { name: 'in the sandbox', trial: contained },
      { name: 'plain child process', trial: free },
    ],
    trials,
  )
}

/** Round trips one by one; a trial is the mean of many. */
export const sandboxCall: Bench = async (folder, { trials, quick }) => {
  const calls = quick ? CALLS / 20 : CALLS
  const plugin = await (await starter(folder))()
  const child = await startPlain(writePlain(folder, PLUGIN))
  const meanOf =
    (call: () => Promise<unknown>): Subject['trial'] =>
    async () => {
      const all = timed(async () => {
        for (let index = 0; index < calls; index += 1) await call()
      })
      return { ms: (await all()).ms / calls }
    }
  const subjects = [
    {
      name: 'in the sandbox',
      trial: withMemory(
        meanOf(() => plugin.call('echo', INPUT, { traceId: 'bench' })),
        plugin,
      ),
    },
    { name: 'plain child process', trial: meanOf(() => child.call('echo', INPUT)) },
  ]
  for (const { trial } of subjects) await trial()
  const measured = await interleaved(subjects, trials)
  await Promise.all([plugin.stop(), child.stop()])
  return measured
}

const withMemory =
  (trial: Subject['trial'], plugin: PluginProcess): Subject['trial'] =>
  async () => ({ ...(await trial()), memoryBytes: plugin.usage().maxRssBytes })

async function starter(folder: string): Promise<() => Promise<PluginProcess>> {
  const world = wallWorld()
  const level = chooseLevel(await probeLevels(world), { required: [], signed: false })
  return () =>
    startPlugin({
      world,
      level,
      plugin: { id: 'bench', version: '1.0.0', kind: 'node', code: { bytes: Buffer.from(PLUGIN) } },
      limits: {},
      mounts: [],
      workspace: undefined,
      env: {},
      handlers: {},
      onLog: () => {},
      onDegraded: () => {},
      onThrottled: () => {},
      stateDir: join(folder, 'state'),
    })
}
