import { asTenonError, TenonError } from '@tenon/contract'
import type { EndReport, PluginProcess } from '@tenon/sandbox'
import type { UseCounts } from './capability-use.ts'
import { builtFrom, start, type Course, type Run, type StartPorts } from './start.ts'

export type Running = {
  /** The plugin's process, started at first need; callers that come meanwhile wait for the same start. */
  process(id: string): Promise<PluginProcess>
  /** What runs now of the plugin; undefined when nothing does. */
  now(id: string): Run | undefined
  /** The same, after a start that is under way. */
  started(id: string): Promise<Run | undefined>
  /** Settles when the process has ended and that is recorded. */
  stop(id: string): Promise<void>
  /** Stops what no longer is what is installed, or no longer has what it was started with. */
  refresh(): Promise<void>
  /** Stops every process, and starts none any more. */
  close(): Promise<void>
}

export type RunningPorts = StartPorts & {
  /** Told when the plugin's process has started. */
  started(id: string): void
  /** Told when the plugin did not start, which it does not again before this settles. `isStill` says whether that is so. */
  failed(id: string, cause: TenonError, isStill: () => boolean): Promise<void>
}

/** A process from its start on, which `ending` breaks off. `over` settles when it has ended, and never rejects. */
type Life = { starting: Promise<Run>; run: Run | undefined; over: Promise<void>; ending: AbortController }

export function runningPlugins(ports: RunningPorts): Running {
  const lives = new Map<string, Life>()
  let isClosed = false
  const begin = (id: string): Life => {
    const ending = new AbortController()
    const starting = startTwice(ports, id, { ending: ending.signal, end: () => stop(id) })
    const life: Life = { starting, run: undefined, over: Promise.resolve(), ending }
    const isCurrent = (): boolean => lives.get(id) === life
    const forget = (): void => void (isCurrent() && lives.delete(id))
    // Nobody waits for this: whoever takes the plugin out meanwhile must not wait for its quarantine.
    const fail = (thrown: unknown): void =>
      void (isPluginsFault(thrown) ? ports.failed(id, thrown, isCurrent) : Promise.resolve())
        .catch((cause: unknown) => ports.log(id, 'error', `it is not quarantined: ${asTenonError(cause).message}`))
        .then(forget)
    const live = async (run: Run): Promise<void> => {
      life.run = run
      ports.started(id)
      const report = await run.process.ended
      life.run = undefined
      forget()
      await recordEnd(ports, id, report, run.uses)
    }
    life.over = life.starting.then(live, fail)
    lives.set(id, life)
    return life
  }
  const stop = async (id: string): Promise<void> => {
    const life = lives.get(id)
    if (life === undefined) return
    lives.delete(id)
    life.ending.abort()
    await life.starting.then(
      ({ process }) => process.stop(),
      () => undefined,
    )
    await life.over
  }
  const isStale = (id: string, { manifestDigest, built }: Run): boolean =>
    ports.installations.get(id)?.manifestDigest !== manifestDigest || built !== builtFrom(ports.granted(id))
  const refreshed = async ([id, life]: [string, Life]): Promise<void> => {
    const run = await life.starting.catch(() => undefined)
    if (run !== undefined && lives.get(id) === life && isStale(id, run)) await stop(id)
  }
  return {
    stop,
    refresh: async () => void (await Promise.all([...lives].map(refreshed))),
    now: (id) => lives.get(id)?.run,
    started: async (id) => {
      const life = lives.get(id)
      await life?.starting.catch(() => undefined)
      return life?.run
    },
    close: async () => {
      isClosed = true
      await Promise.all([...lives.keys()].map(stop))
    },
    process: async (id) => {
      if (isClosed) throw new TenonError('PLUGIN_DISABLED', 'the host is closing')
      const { process } = await (lives.get(id) ?? begin(id)).starting
      return process
    },
  }
}

/** A start that fails is tried once more in a new process, unless the plugin was taken out meanwhile. */
async function startTwice(ports: StartPorts, id: string, course: Course): Promise<Run> {
  try {
    return await start(ports, id, course)
  } catch (thrown) {
    if (!isPluginsFault(thrown) || course.ending.aborted) throw thrown
    return start(ports, id, course)
  }
}

/** What the machine or the ledger refused may be there at the next call; what the plugin got wrong will not. */
const isPluginsFault = (thrown: unknown): thrown is TenonError =>
  thrown instanceof TenonError && PLUGINS_FAULTS.includes(thrown.code)

const PLUGINS_FAULTS: readonly string[] = [
  'PLUGIN_START_FAILED',
  'PROTOCOL_VIOLATION',
  'MIGRATION_FAILED',
  'STORAGE_NEWER',
]

const recordEnd = (
  { audit, world, log }: RunningPorts,
  id: string,
  { reason, message }: EndReport,
  uses: UseCounts,
): Promise<void> =>
  audit
    .record({
      actor: 'host',
      action: 'plugin.end',
      target: id,
      decision: 'allow',
      reason,
      traceId: world.newId(),
      details: { reason, message, uses: Object.fromEntries(uses) },
    })
    .catch((thrown: unknown) => log(id, 'error', `its end could not be recorded: ${asTenonError(thrown).message}`))
