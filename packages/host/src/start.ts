import {
  asTenonError,
  printCapability,
  TenonError,
  type Audit,
  type Capability,
  type Digest,
  type World,
} from '@tenon/contract'
import type { Handlers, PluginProcess } from '@tenon/sandbox'
import type { Admissions, Admitted, End } from './admission.ts'
import type { UseCounts } from './capability-use.ts'
import type { InstalledPlugin, Installations } from './records.ts'
import type { OpenTunnel } from './tunnel-lane.ts'

/** What a sandbox says of its bounds: those it cannot hold, when it starts, and those it had to hold a plugin to. */
export type BoundsNews = { onDegraded(message: string): void; onThrottled(message: string): void }

/** Loads an installed plugin that may run into its sandbox, with what it is granted. */
export type Launch = (
  admitted: Admitted,
  handlers: Handlers,
  news: BoundsNews,
  granted: readonly Capability[],
  /** The socket that leads outside, where that was granted. */
  egress?: string,
) => Promise<PluginProcess>

export type Run = {
  process: PluginProcess
  manifestDigest: Digest
  /** What of its grants went into the process when it started, and cannot be taken from it while it runs. */
  built: string
  uses: UseCounts
}

export type StartPorts = {
  world: World
  audit: Audit
  installations: Installations
  admit: Admissions['admit']
  launch: Launch
  /** The way outside that a process of the plugin gets, if any. */
  tunnel(plugin: InstalledPlugin): Promise<OpenTunnel | undefined>
  /** Whether the plugin takes part: what was disabled meanwhile is not started. */
  isActive(id: string): boolean
  granted(id: string): readonly Capability[]
  /** Brings what the plugin stored to the versions that it declares. */
  migrate(admitted: Admitted, ending: AbortSignal): Promise<unknown>
  handlersFor(plugin: InstalledPlugin, uses: UseCounts): Handlers
  log: (plugin: string, level: string, message: string) => void
}

export type Course = {
  /** Breaks a start off, when the plugin is taken out meanwhile. */
  ending: AbortSignal
  /** Ends what was started, once the plugin may no longer run. */
  end: End
}

/** Starts a plugin, unless that is broken off. */
export async function start(ports: StartPorts, id: string, { ending, end }: Course): Promise<Run> {
  await using opened = new AsyncDisposableStack()
  const admitted = opened.use(await ports.admit(id, end))
  const { plugin } = admitted
  if (!ports.isActive(id)) throw new TenonError('PLUGIN_DISABLED', `"${id}" is not active`)
  await ports.migrate(admitted, ending)
  const degraded: string[] = []
  const granted = ports.granted(id)
  const news: BoundsNews = {
    onDegraded: (message) => void degraded.push(message),
    onThrottled: (message) => void recordThrottled(ports, id, message),
  }
  const tunnel = opened.adopt(await ports.tunnel(plugin), (one) => one?.close())
  const uses: UseCounts = new Map()
  const process = await ports.launch(admitted, ports.handlersFor(plugin, uses), news, granted, tunnel?.socket)
  try {
    await endedBy(ending, process, () => process.start())
    await recordStart(ports, plugin, process, degraded)
  } catch (thrown) {
    await process.stop()
    throw thrown
  }
  const lasting = opened.move()
  void process.ended.then(() => lasting.disposeAsync())
  return { process, manifestDigest: plugin.manifestDigest, built: builtFrom(granted), uses }
}

/** Work with a process, which ends, and the work with it, when that is broken off. */
export async function endedBy<T>(ending: AbortSignal, process: PluginProcess, work: () => Promise<T>): Promise<T> {
  const end = (): void => void process.stop()
  ending.addEventListener('abort', end, { once: true })
  try {
    if (ending.aborted) throw new TenonError('PLUGIN_DISABLED', 'it was taken out while it started')
    return await work()
  } finally {
    ending.removeEventListener('abort', end)
  }
}

/** Files are mounted, variables set and connections opened that last as long as the process; all else is asked of the host, each time anew. */
export const builtFrom = (granted: readonly Capability[]): string =>
  granted
    .filter(({ action }) => /^(fs|env|exec|net):/.test(action))
    .map(printCapability)
    .toSorted()
    .join(' ')

async function recordStart(
  { audit, world }: StartPorts,
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
const recordThrottled = ({ audit, world, log }: StartPorts, id: string, reason: string): Promise<void> =>
  audit
    .record({
      ...{ actor: 'host', action: 'plugin.throttled', target: id, decision: 'allow' },
      ...{ reason, traceId: world.newId() },
    })
    .catch((thrown: unknown) =>
      log(id, 'error', `that it was held back is not recorded: ${asTenonError(thrown).message}`),
    )
