import { join } from 'node:path'
import type { World } from '@tenon/contract'
import { containedExtensions, WORKER_ENTRY, type LoadablePlugin, type OpenPlugin, type StoreCall } from '@tenon/map'
import { startPlugin, type AvailableLevel, type PluginProcess } from '@tenon/sandbox'
import type { Io } from '../io.ts'
import { printNote } from '../printer.ts'
import { machineLevels } from './launch.ts'
import { homeOf } from './locations.ts'
import { mapWorker, type MapWorker } from './map-worker.ts'
import { storeHandlers } from './plugin-stores.ts'
import { NOTHING_SEEN, seenRoot, type SeenRoot } from './walked-root.ts'

/** Plugins, each in processes that see nothing but what the kernel hands them. */
export type ContainedPlugins = {
  /** `folder` holds the files of its worker. */
  open(plugin: LoadablePlugin, folder: string, store: StoreCall | undefined): ReturnType<OpenPlugin>
  /** Ends the processes of all. */
  stop(): Promise<void>
}

export function containedPlugins(io: Io, world: World): ContainedPlugins {
  const levels = machineLevels(world)
  const workers: MapWorker[] = []
  return {
    async open(plugin, folder, store) {
      const level = await levels.choose([], { vouched: false })
      const start = (around: Pick<Around, 'store' | 'seen'>): MapWorker => {
        const worker = mapWorker(world, () => startContained({ io, world, level, ...around }, plugin, folder))
        workers.push(worker)
        return worker
      }
      const { call } = start({ store, seen: NOTHING_SEEN })
      return containedExtensions(call, async (root) =>
        start({ store: undefined, seen: seenRoot(root, [homeOf(world)]) }),
      )
    },
    stop: async () => void (await Promise.all(workers.map((worker) => worker.stop()))),
  }
}

type Around = { io: Io; world: World; level: AvailableLevel; store: StoreCall | undefined; seen: SeenRoot }

async function startContained(
  { io, world, level, store, seen }: Around,
  { id, description }: LoadablePlugin,
  folder: string,
): Promise<PluginProcess> {
  return startPlugin({
    world,
    level,
    plugin: { id, version: description.version, kind: 'node', code: { folder, entry: WORKER_ENTRY } },
    ...{ limits: {}, ...seen, env: {}, handlers: storeHandlers(store) },
    onLog: (_stream, text) => printNote(io, `${id}: ${text.trimEnd()}`),
    onDegraded: (message) => printNote(io, `${id}: ${message}`),
    onThrottled: (message) => printNote(io, `${id}: ${message}`),
    stateDir: join(homeOf(world), 'map-state'),
  })
}
