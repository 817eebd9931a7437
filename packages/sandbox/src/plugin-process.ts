import { join } from 'node:path'
import {
  limits as platform,
  messageOf,
  TenonError,
  type EventRecord,
  type Json,
  type JsonObject,
  type World,
} from '@tenon/contract'
import type { OnLog } from './bounded-log.ts'
import { Channel, type Handlers, type Take } from './channel.ts'
import type { EndReport, Usage } from './end-report.ts'
import { wayOut } from './egress.ts'
import { GUEST_TARGET, guestKit } from './guest-kit.ts'
import { launch, prepareNext, type LaunchOrder } from './launch.ts'
import type { At } from './layout.ts'
import { hasOwnRoot, launchOn, type AvailableLevel, type Level } from './level.ts'
import { boundsOf, type Limits } from './limits.ts'
import type { Mount } from './mount.ts'
import { nodeRuntime } from './runtime.ts'
import type { Standby } from './standby.ts'
import type { Launched } from './supervise.ts'
import { isObject } from './wire-error.ts'

/** A bundled module as verified bytes, or a read-only folder with the module's path in it. */
export type PluginCode = { bytes: Uint8Array } | { folder: string; entry: string }

export type PluginOrder = {
  world: World
  level: AvailableLevel
  plugin: { id: string; version: string; kind: 'node'; code: PluginCode }
  limits: Limits
  mounts: readonly Mount[]
  /** The workspace whose own files stay protected, whatever `mounts` opens; undefined when there is none. */
  workspace: string | undefined
  env: Readonly<Record<string, string>>
  /** The host's socket of the only way out, where one was granted. */
  egress?: string | undefined
  /** What the plugin may ask of the host, by method. Grants are decided in here, not by the sandbox. */
  handlers: Handlers
  onLog: OnLog
  onDegraded: (message: string) => void
  /** Told while it runs, when it is held back, or cut short, for more than its share of processors, disks or log. */
  onThrottled: (message: string) => void
  /** A folder of the host's own, for what may be kept between starts. */
  stateDir: string
  /** Shared by the plugins of a host, whose starts it makes quicker. */
  standby?: Standby | undefined
}

export type CallOptions = { traceId: string; signal?: AbortSignal; deadlineMs?: number }

export type PluginProcess = {
  level: Level
  operations: readonly string[]
  events: readonly string[]
  /**
   * Runs the plugin's own start, before it is asked for anything else. Rejects with PLUGIN_START_FAILED when that fails or
   * takes longer than `startHookMs`; the process has then ended.
   */
  start: () => Promise<void>
  call: (operation: string, input: Json, options: CallOptions) => Promise<Json>
  /**
   * As `call`, with the parts of the answer as they come; an operation that answers with no parts has its answer in the result.
   * The deadline is for each part, and for taking it.
   */
  stream: (operation: string, input: Json, options: CallOptions & { take: Take }) => Promise<{ answer?: Json }>
  /** Asks a service that the plugin provides. */
  serve: (service: string, request: Json, options: CallOptions) => Promise<Json>
  deliver: (event: EventRecord, options?: { signal?: AbortSignal; deadlineMs?: number }) => Promise<void>
  /** Brings keys and values from the version before to this one. */
  migrate: (to: number) => Promise<void>
  /** The same for what is set, in one environment or in all. */
  migrateSettings: (to: number, values: JsonObject) => Promise<Json>
  /** Tells the plugin its new configuration and the one before. Rejects when it cannot take it, or not within `configHookMs`. */
  configure: (next: Json, before: Json) => Promise<void>
  /** Rejects when the plugin does not answer in time or says that it is not well. */
  ping: () => Promise<void>
  /** Asks the plugin to end, then ends it. */
  stop: () => Promise<EndReport>
  ended: Promise<EndReport>
  usage: () => Usage
  logTail: () => string
}

const PROTOCOL_VERSION = 1

/** Starts a process and loads a node plugin into it. Rejects with PLUGIN_START_FAILED when it is not loaded in time. */
export async function startPlugin(order: PluginOrder): Promise<PluginProcess> {
  const { level, plugin } = order
  for (const message of level.degraded) order.onDegraded(message)
  const guestOrder = await launchOrderOf(order)
  const launched = await launch(guestOrder)
  const channel = new Channel({
    world: order.world,
    stream: launched.channel,
    handlers: order.handlers,
    onViolation: ({ code, message }) => launched.condemn({ reason: 'killed', message, evidence: { code } }),
  })
  const ended = launched.ended.then((report) => {
    channel.close(crashed(plugin.id, report))
    return report
  })
  const guest = { id: plugin.id, channel, launched, ended }
  const faces = await orEnded(guest, () => loaded(order, guest))
  // To make a process holds this one up: the first answer goes before it.
  void order.world.timer(platform.standbyAfterMs).then(() => prepareNext(guestOrder))
  return processOf(level.level, faces, guest)
}

/** A guest from its launch on. `ended` never rejects. */
type Guest = { id: string; channel: Channel; launched: Launched & { at: At }; ended: Promise<EndReport> }

async function launchOrderOf({ world, level, plugin, stateDir, egress, ...order }: PluginOrder): Promise<LaunchOrder> {
  const { code } = plugin
  const [runtime, kit] = await Promise.all([nodeRuntime(world), guestKit(world, stateDir)])
  const out = wayOut(level.level, egress)
  const modules = 'folder' in code ? [{ source: code.folder, target: '/plugin', readOnly: true }] : []
  // Elsewhere, its room has such a folder.
  const noCode = 'bytes' in code && hasOwnRoot(level.level) ? [kit.noCode] : []
  return {
    ...order,
    world,
    stateDir,
    ...launchOn(level),
    profile: {
      runtime: { ...runtime, shown: [...runtime.shown, kit.programs, kit.modules, ...noCode] },
      argv: (at) => [...nodeFlags(at, order), at(GUEST_TARGET)],
      files: [],
      ownMounts: [...modules, ...out.mounts],
      env: { ...order.env, ...out.env },
      isFenced: true,
    },
  }
}

const entryTarget = (code: PluginCode): string => ('bytes' in code ? '/plugin/plugin.mjs' : join('/plugin', code.entry))

/** Node's own permission model is a second fence, never the boundary. */
function nodeFlags(at: At, { mounts, limits }: Pick<PluginOrder, 'mounts' | 'limits'>): string[] {
  const readable = ['/plugin', '/tenon', '/node_modules', '/tmp', ...mounts.map(({ target }) => target)]
  const writable = ['/tmp', ...mounts.filter(({ readOnly }) => !readOnly).map(({ target }) => target)]
  return [
    '--permission',
    // Without a root of its own, it finds the sdk by a link beside its code.
    ...[...readable.map(at), join(at('/plugin'), '../node_modules')].map((path) => `--allow-fs-read=${path}/`),
    ...writable.map((path) => `--allow-fs-write=${at(path)}/`),
    '--disable-proto=throw',
    `--max-old-space-size=${boundsOf(limits).memoryMb}`,
  ]
}

type Faces = { operations: string[]; events: string[] }

async function loaded(
  { level, plugin: { id, version, code }, egress }: PluginOrder,
  { channel, launched }: Guest,
): Promise<Faces> {
  const bounds = {
    frameBytes: platform.frameBytes,
    depthMax: platform.frameDepthMax,
    openMax: platform.callsInFlightMax,
  }
  const entry = launched.at(entryTarget(code))
  const hasWayOut = egress !== undefined && hasOwnRoot(level.level)
  const params = { protocol: PROTOCOL_VERSION, plugin: { id, version }, entry, limits: bounds, hasWayOut }
  const deadlineMs = platform.pluginStartMs
  const texts = 'bytes' in code ? inParts(new TextDecoder().decode(code.bytes)) : []
  for (const text of texts.slice(0, -1)) await channel.request('code', { text }, { deadlineMs })
  const text = texts.at(-1)
  return facesOf(await channel.request('load', { ...params, ...(text !== undefined && { text }) }, { deadlineMs }))
}

/** A character takes six bytes of a message at most. */
const PART_CHARACTERS = Math.floor(platform.frameBytes / 8)

const inParts = (text: string): string[] =>
  Array.from({ length: Math.floor(text.length / PART_CHARACTERS) + 1 }, (_, index) =>
    text.slice(index * PART_CHARACTERS, (index + 1) * PART_CHARACTERS),
  )

/** A guest that does not do what it must to be started is ended, and its error says what it printed. */
async function orEnded<T>({ id, launched, ended }: Guest, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    launched.condemn({ reason: 'killed', message: 'it did not start', evidence: {} })
    throw startFailure(id, cause, await ended, launched.log.tail())
  }
}

function facesOf(answer: Json): Faces {
  const { operations, events } = isObject(answer) ? answer : {}
  const names = (value: Json | undefined): string[] =>
    Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
  return { operations: names(operations), events: names(events) }
}

function startFailure(id: string, cause: unknown, report: EndReport, log: string): TenonError {
  const violated = cause instanceof TenonError && cause.code === 'PROTOCOL_VIOLATION'
  const code = violated ? 'PROTOCOL_VIOLATION' : 'PLUGIN_START_FAILED'
  return new TenonError(code, `${id} did not start: ${messageOf(cause)}`, {
    cause,
    hint: 'Look at what it printed, in details.log.',
    details: { reason: report.reason, ended: report.message, evidence: report.evidence, log },
  })
}

const crashed = (id: string, { reason, message, evidence }: EndReport): TenonError =>
  new TenonError('PLUGIN_CRASHED', `${id} ended: ${message}`, { details: { reason, evidence } })

function processOf(level: Level, faces: Faces, guest: Guest): PluginProcess {
  const { channel, launched, ended } = guest
  return {
    level,
    ...faces,
    ended,
    usage: () => launched.usage(),
    logTail: () => launched.log.tail(),
    start: () =>
      orEnded(guest, async () => void (await channel.request('start', {}, { deadlineMs: platform.startHookMs }))),
    call: (operation, input, { traceId, signal, deadlineMs = platform.callMs }) =>
      channel.request('call', { operation, input, traceId, deadlineMs }, { signal, deadlineMs, traceId }),
    stream: async (operation, input, { traceId, signal, deadlineMs = platform.callMs, take }) => {
      const params = { operation, input, traceId, deadlineMs }
      const result = await channel.request('stream', params, { signal, deadlineMs, traceId, take })
      return isObject(result) && result['answer'] !== undefined ? { answer: result['answer'] } : {}
    },
    serve: (service, request, { traceId, signal, deadlineMs = platform.callMs }) =>
      channel.request('serve', { service, request, traceId, deadlineMs }, { signal, deadlineMs, traceId }),
    deliver: async (event, { signal, deadlineMs = platform.callMs } = {}) => {
      const params = { event: event as unknown as JsonObject, traceId: event.traceId }
      await channel.request('event', params, { signal, deadlineMs, traceId: event.traceId })
    },
    migrate: async (to) => void (await channel.request('migrate', { to }, { deadlineMs: platform.migrationMs })),
    migrateSettings: (to, values) =>
      channel.request('migrateSettings', { to, values }, { deadlineMs: platform.migrationMs }),
    configure: async (next, before) =>
      void (await channel.request('configure', { next, before }, { deadlineMs: platform.configHookMs })),
    ping: async () => void (await channel.request('ping', {}, { deadlineMs: platform.healthTimeoutMs })),
    stop: async () => {
      const message = `it did not stop within ${platform.pluginStopMs} ms`
      launched.condemnAfter(platform.pluginStopMs, { reason: 'killed', message, evidence: {} })
      await Promise.race([channel.request('stop', {}, { deadlineMs: platform.pluginStopMs }), ended]).catch(() => {})
      channel.close(new TenonError('PLUGIN_DISABLED', 'the plugin was stopped'))
      return ended
    },
  }
}
