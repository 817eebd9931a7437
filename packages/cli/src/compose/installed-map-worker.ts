import { join } from 'node:path'
import type { JsonObject } from '@tenon/contract'
import type { Admitted, UseCounts } from '@tenon/host'
import { mapRuntime, WORKER_ENTRY, workerFiles } from '@tenon/map'
import { startPlugin, type Handlers, type PluginProcess } from '@tenon/sandbox'
import { writeWorker } from './map-worker.ts'
import type { MapPorts } from './map-ports.ts'
import type { SeenRoot } from './walked-root.ts'

/** A process that holds the extensions of one installed plugin, and sees nothing but what the kernel hands it. */
export async function startMapWorker(
  { world, locations, levels, audit, log }: Pick<MapPorts, 'world' | 'locations' | 'levels' | 'audit' | 'log'>,
  { plugin, vouched }: Pick<Admitted, 'plugin' | 'vouched'>,
  { uses, handlers, seen }: { uses: UseCounts; handlers: Handlers; seen: SeenRoot },
): Promise<PluginProcess> {
  const { id, version, resources, isolation } = plugin.description
  const modules = plugin.modules.map((bytes, index) => ({ path: `extension-${index}.mjs`, bytes }))
  const entries = modules.map(({ path }) => path)
  const files = workerFiles(modules, entries, mapRuntime(plugin.description).mapStorage?.mode)
  const note = (action: string, reason: string, details: JsonObject = {}): Promise<void> =>
    audit.record({
      ...{ actor: 'host', action, target: id, decision: 'allow' },
      ...{ reason, traceId: world.newId(), details },
    })
  const degraded: string[] = []
  const throttled: string[] = []
  const process = await startPlugin({
    world,
    level: await levels.choose(isolation?.requires ?? [], { vouched }),
    plugin: {
      ...{ id, version, kind: 'node' },
      code: { folder: writeWorker(join(locations.state, 'map'), files, world), entry: WORKER_ENTRY },
    },
    limits: resources ?? {},
    ...{ ...seen, env: {}, handlers },
    onLog: (stream, text) => log(id, stream === 'stderr' ? 'warn' : 'info', text),
    onDegraded: (message) => void degraded.push(message),
    onThrottled: (message) => void throttled.push(message),
    stateDir: locations.state,
  })
  const stop: PluginProcess['stop'] = async () => {
    const report = await process.stop()
    for (const message of throttled) await note('plugin.throttled', message)
    await note('plugin.end', report.reason, { uses: Object.fromEntries(uses) })
    uses.clear()
    return report
  }
  try {
    for (const lack of degraded) await note('plugin.degraded', lack)
    await note('plugin.start', `started at level ${process.level} for a scan`)
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return { ...process, stop }
}
