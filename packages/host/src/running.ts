import { TenonError, type Audit, type World } from '@tenon/contract'
import type { Handlers, PluginProcess } from '@tenon/sandbox'
import type { InstalledPlugin, Installations } from './records.ts'

/** Starts an installed plugin in its sandbox. */
export type Launch = (plugin: InstalledPlugin, handlers: Handlers) => Promise<PluginProcess>

export type Running = {
  /** The plugin's process, started at first need; callers that come meanwhile wait for the same start. */
  process(id: string): Promise<PluginProcess>
  /** The level at which it runs now; undefined when it does not. */
  levelOf(id: string): string | undefined
  stop(id: string): Promise<void>
  stopAll(): Promise<void>
}

export type RunningPorts = {
  world: World
  audit: Audit
  installations: Installations
  launch: Launch
  handlersFor(plugin: InstalledPlugin): Handlers
}

export function runningPlugins(ports: RunningPorts): Running {
  const processes = new Map<string, Promise<PluginProcess>>()
  const levels = new Map<string, string>()
  const start = async (id: string): Promise<PluginProcess> => {
    const plugin = ports.installations.get(id)
    if (plugin === undefined) throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`)
    const process = await ports.launch(plugin, ports.handlersFor(plugin))
    levels.set(id, process.level)
    await recordStart(ports, plugin, process)
    void process.ended.then((report) => {
      processes.delete(id)
      levels.delete(id)
      return recordEnd(ports, id, report)
    })
    return process
  }
  const stop = async (id: string): Promise<void> => {
    const process = await processes.get(id)?.catch(() => undefined)
    processes.delete(id)
    await process?.stop()
  }
  return {
    stop,
    levelOf: (id) => levels.get(id),
    stopAll: async () => void (await Promise.all([...processes.keys()].map(stop))),
    process: (id) => {
      const known = processes.get(id)
      if (known !== undefined) return known
      const starting = start(id)
      processes.set(id, starting)
      starting.catch(() => processes.delete(id))
      return starting
    },
  }
}

const recordStart = ({ audit, world }: RunningPorts, plugin: InstalledPlugin, process: PluginProcess): Promise<void> =>
  audit.record({
    actor: 'host',
    action: 'plugin.start',
    target: plugin.description.id,
    decision: 'allow',
    reason: 'started',
    traceId: world.newId(),
    details: { level: process.level, manifest: plugin.manifestDigest, version: plugin.description.version },
  })

const recordEnd = (
  { audit, world }: RunningPorts,
  id: string,
  { reason, message }: { reason: string; message: string },
): Promise<void> =>
  audit.record({
    actor: 'host',
    action: 'plugin.end',
    target: id,
    decision: 'allow',
    reason,
    traceId: world.newId(),
    details: { reason, message },
  })
