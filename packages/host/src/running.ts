import {
  asTenonError,
  printCapability,
  TenonError,
  type Audit,
  type Capability,
  type Digest,
  type World,
} from '@tenon/contract'
import type { EndReport, Handlers, PluginProcess } from '@tenon/sandbox'
import type { InstalledPlugin, Installations } from './records.ts'

/** What a sandbox says of its bounds: those it cannot hold, when it starts, and those it had to hold a plugin to. */
export type BoundsNews = { onDegraded(message: string): void; onThrottled(message: string): void }

/** Starts an installed plugin in its sandbox with what it is granted. */
export type Launch = (
  plugin: InstalledPlugin,
  handlers: Handlers,
  news: BoundsNews,
  granted: readonly Capability[],
) => Promise<PluginProcess>

export type Run = {
  process: PluginProcess
  manifestDigest: Digest
  /** What of its grants went into the process when it started, and cannot be taken from it while it runs. */
  built: string
}

export type Running = {
  /** The plugin's process, started at first need; callers that come meanwhile wait for the same start. */
  process(id: string): Promise<PluginProcess>
  /** What runs now of the plugin; undefined when nothing does. */
  now(id: string): Run | undefined
  /** Settles when the process has ended and that is recorded. */
  stop(id: string): Promise<void>
  /** Stops what no longer is what is installed, or no longer has what it was started with. */
  refresh(): Promise<void>
  /** Stops every process, and starts none any more. */
  close(): Promise<void>
}

export type RunningPorts = {
  world: World
  audit: Audit
  installations: Installations
  launch: Launch
  /** Whether the plugin takes part: what was disabled meanwhile is not started. */
  isActive(id: string): boolean
  granted(id: string): readonly Capability[]
  /** Told when the plugin's process has started. */
  started(id: string): void
  handlersFor(plugin: InstalledPlugin): Handlers
  log: (plugin: string, level: string, message: string) => void
}

/** A process from its start on. `over` settles when it has ended, and never rejects. */
type Life = { starting: Promise<Run>; run: Run | undefined; over: Promise<void> }

export function runningPlugins(ports: RunningPorts): Running {
  const lives = new Map<string, Life>()
  let isClosed = false
  const begin = (id: string): Life => {
    const life: Life = { starting: start(ports, id), run: undefined, over: Promise.resolve() }
    const forget = (): void => void (lives.get(id) === life && lives.delete(id))
    const live = async (run: Run): Promise<void> => {
      life.run = run
      ports.started(id)
      const report = await run.process.ended
      life.run = undefined
      forget()
      await recordEnd(ports, id, report)
    }
    life.over = life.starting.then(live, forget)
    lives.set(id, life)
    return life
  }
  const stop = async (id: string): Promise<void> => {
    const life = lives.get(id)
    if (life === undefined) return
    lives.delete(id)
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

async function start(ports: RunningPorts, id: string): Promise<Run> {
  const plugin = ports.installations.get(id)
  if (plugin === undefined) throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`)
  if (!ports.isActive(id)) throw new TenonError('PLUGIN_DISABLED', `"${id}" is not active`)
  const degraded: string[] = []
  const granted = ports.granted(id)
  const news: BoundsNews = {
    onDegraded: (message) => void degraded.push(message),
    onThrottled: (message) => void recordThrottled(ports, id, message),
  }
  const process = await ports.launch(plugin, ports.handlersFor(plugin), news, granted)
  try {
    await recordStart(ports, plugin, process, degraded)
  } catch (thrown) {
    await process.stop()
    throw thrown
  }
  return { process, manifestDigest: plugin.manifestDigest, built: builtFrom(granted) }
}

/** Files are mounted and variables set when a process starts; all else is asked of the host, each time anew. */
const builtFrom = (granted: readonly Capability[]): string =>
  granted
    .filter(({ action }) => /^(fs|env|exec):/.test(action))
    .map(printCapability)
    .toSorted()
    .join(' ')

async function recordStart(
  { audit, world }: RunningPorts,
  { description, manifestDigest }: InstalledPlugin,
  { level }: PluginProcess,
  degraded: readonly string[],
): Promise<void> {
  const entry = { actor: 'host', target: description.id, decision: 'allow', traceId: world.newId() } as const
  for (const reason of degraded) await audit.record({ ...entry, action: 'plugin.degraded', reason })
  await audit.record({
    ...entry,
    action: 'plugin.start',
    reason: 'started',
    details: { level, manifest: manifestDigest, version: description.version },
  })
}

/** Nobody waits for this or for the end of a process, so a ledger that cannot take it is told to the log. */
const recordThrottled = ({ audit, world, log }: RunningPorts, id: string, reason: string): Promise<void> =>
  audit
    .record({
      ...{ actor: 'host', action: 'plugin.throttled', target: id, decision: 'allow' },
      ...{ reason, traceId: world.newId() },
    })
    .catch((thrown: unknown) =>
      log(id, 'error', `that it was held back is not recorded: ${asTenonError(thrown).message}`),
    )

const recordEnd = ({ audit, world, log }: RunningPorts, id: string, { reason, message }: EndReport): Promise<void> =>
  audit
    .record({
      actor: 'host',
      action: 'plugin.end',
      target: id,
      decision: 'allow',
      reason,
      traceId: world.newId(),
      details: { reason, message },
    })
    .catch((thrown: unknown) => log(id, 'error', `its end could not be recorded: ${asTenonError(thrown).message}`))
