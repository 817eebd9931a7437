import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { chooseLevel, levelProbe, standbyOf, startPlugin, type PluginOrder, type PluginProcess } from '@tenon/sandbox'
import { wallWorld } from '@tenon/testkit'
import { barePair, jsonPair } from './bare-pair.ts'
import { startPlain, writePlain } from './plain-process.ts'
import { bareBubblewrap, runNode } from './processes.ts'
import { interleaved, median, timed, type Bench, type Sample, type Subject } from './trials.ts'

const PLUGIN = 'export default { operations: { echo: (input) => input } }'
const INPUT = { text: 'hello' }
const CALLS = 2_000
const WARM_UP = 200

/** From nothing to the first answer; the end of the process is not counted. */
export const sandboxStart: Bench = async (folder, { trials }) => {
  const standby = standbyOf(wallWorld())
  const plain = writePlain(folder, PLUGIN)
  const contained = (start: () => Promise<PluginProcess>) => async (): Promise<Sample> => {
    const began = performance.now()
    const plugin = await start()
    await plugin.call('echo', INPUT, { traceId: 'bench' })
    const ms = performance.now() - began
    await plugin.stop()
    return { ms }
  }
  const mounts = [{ source: mkdtempSync(join(folder, 'granted-')), target: '/granted', readOnly: true }]
  const next = contained(await starter(folder, { standby }))
  const granted = contained(await starter(folder, { standby, mounts }))
  /** A host makes its launcher while it looks for the level, which is not counted. */
  const first = async (): Promise<Sample> => {
    await using own = new AsyncDisposableStack()
    const ready = own.adopt(standbyOf(wallWorld()), (one) => one.release())
    ready.launcher.prepare()
    return contained(await starter(folder, { standby: ready }))()
  }
  const looking = timed(async () => chooseLevel(levelProbe(wallWorld()), { required: [], signed: false }))
  const free: Subject['trial'] = async () => {
    const began = performance.now()
    const child = await startPlain(plain)
    await child.call('echo', INPUT)
    const ms = performance.now() - began
    await child.stop()
    return { ms }
  }
  // What may be kept between starts is kept by the first.
  await next()
  const measured = await interleaved(
    [
      { name: 'in the sandbox', trial: next },
      { name: 'plain child process', trial: free },
      { name: 'bubblewrap and node -e 0', trial: () => bareBubblewrap() },
      { name: 'node -e 0', trial: () => runNode(['-e', '0']) },
      { name: 'in the sandbox, with a folder of the host', trial: granted },
      { name: 'in the sandbox, the first of a host', trial: first },
      { name: 'a host looks for its level, once', trial: looking },
    ],
    trials,
  )
  await standby.release()
  return measured
}

/** Who answers messages of so many bytes, from the whole of a sandbox to a bare pair. */
async function answering(folder: string, bytes: number) {
  const input = { text: 'x'.repeat(bytes - SHELL_BYTES) }
  const plugin = await (await starter(folder))()
  const child = await startPlain(writePlain(folder, PLUGIN))
  const [pair, withJson] = [barePair(bytes), jsonPair(bytes)]
  const message = Buffer.alloc(bytes, 'x')
  return {
    plugin,
    subjects: [
      { name: 'in the sandbox', call: () => plugin.call('echo', input, { traceId: 'bench' }) },
      { name: 'plain child process', call: () => child.call('echo', input) },
      { name: 'bare socket pair, JSON at both ends', call: () => withJson.send(input) },
      { name: 'bare socket pair', call: () => pair.send(message) },
    ],
    stop: async () => void (await Promise.all([plugin.stop(), child.stop(), pair.stop(), withJson.stop()])),
  }
}

/** What a message of `{ "text": … }` has besides the text. */
const SHELL_BYTES = 11

/** Round trips one by one, each a sample, of a message of so many bytes. */
const callsOf =
  (bytes: number): Bench =>
  async (folder, { quick }) => {
    const { plugin, subjects, stop } = await answering(folder, bytes)
    const trials = subjects.map(({ name, call }, index) => ({
      name,
      trial: index === 0 ? withMemory(timed(call), plugin) : timed(call),
    }))
    await interleaved(trials, WARM_UP)
    const measured = await interleaved(trials, quick ? CALLS / 20 : CALLS)
    await stop()
    return measured
  }

export const sandboxCall: Bench = callsOf(200)
export const sandboxCallLarge: Bench = callsOf(100_000)

const IN_FLIGHT = 16

/** As many as a host has on the way at once; a trial is the mean of many. */
const rateOf =
  (bytes: number): Bench =>
  async (folder, { trials, quick }) => {
    const rounds = (quick ? CALLS / 20 : CALLS) / IN_FLIGHT
    const { subjects, stop } = await answering(folder, bytes)
    const meanOf =
      (call: () => Promise<unknown>): Subject['trial'] =>
      async () => {
        const all = timed(async () => {
          for (let round = 0; round < rounds; round += 1) await Promise.all(Array.from({ length: IN_FLIGHT }, call))
        })
        return { ms: (await all()).ms / (rounds * IN_FLIGHT) }
      }
    const means = subjects.map(({ name, call }) => ({ name, trial: meanOf(call) }))
    await interleaved(means, 2)
    const measured = await interleaved(means, trials)
    await stop()
    return measured
  }

export const sandboxRate: Bench = rateOf(200)
export const sandboxRateLarge: Bench = rateOf(100_000)

const HERD = 100
const AT_ONCE = 4

/** A hundred plugins that wait; memory is that of one of them. */
export const sandboxHerd: Bench = async (folder, { trials, quick }) => {
  const count = quick ? HERD / 10 : HERD
  const start = await starter(folder)
  const plain = writePlain(folder, PLUGIN)
  const herd = async <T extends { stop(): Promise<unknown> }>(
    one: () => Promise<T>,
    bytesOf: (member: T) => number,
  ) => {
    const began = performance.now()
    const members: T[] = []
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let index = 0; index < count / AT_ONCE; index += 1) members.push(await one())
      }),
    )
    const ms = performance.now() - began
    const memoryBytes = median(members.map(bytesOf))
    await Promise.all(members.map((member) => member.stop()))
    return { ms, memoryBytes }
  }
  const subjects = [
    { name: `${count} in the sandbox`, trial: () => herd(start, (plugin) => plugin.usage().maxRssBytes) },
    {
      name: `${count} plain child processes`,
      trial: () =>
        herd(
          () => startPlain(plain),
          ({ memory }) => memory(),
        ),
    },
  ]
  return interleaved(subjects, trials)
}

const withMemory =
  (trial: Subject['trial'], plugin: PluginProcess): Subject['trial'] =>
  async () => ({ ...(await trial()), memoryBytes: plugin.usage().maxRssBytes })

async function starter(folder: string, order: Partial<PluginOrder> = {}): Promise<() => Promise<PluginProcess>> {
  const world = wallWorld()
  const level = await chooseLevel(levelProbe(world), { required: [], signed: false })
  return async () => {
    const plugin = await startPlugin({
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
      ...order,
    })
    await plugin.start()
    return plugin
  }
}
