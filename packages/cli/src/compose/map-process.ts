import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TenonError, type World } from '@tenon/contract'
import {
  builtInPlugins,
  containedExtensions,
  openMapStore,
  scan,
  WORKER_ENTRY,
  workerFiles,
  type ExtensionSource,
  type ScanResult,
} from '@tenon/map'
import { startPlugin, type PluginProcess } from '@tenon/sandbox'
import type { InstalledPlugin } from '@tenon/host'
import type { WorkspaceInstallations } from './installations.ts'
import type { Levels } from './launch.ts'
import type { Locations } from './locations.ts'

export type MapPorts = {
  world: World
  locations: Locations
  installations: WorkspaceInstallations
  levels: Levels
  /** Whether a plugin may take part now. */
  isActive(id: string): boolean
}

export type MapProcess = { last(): Promise<ScanResult>; scan(root?: string): Promise<ScanResult> }

/** The map of a workspace: scans with the built-in extensions and with those of active map plugins, each contained. */
export function mapOf(ports: MapPorts): MapProcess {
  const path = join(ports.locations.host, 'map.db')
  const stored = <T>(work: (store: ReturnType<typeof openMapStore>) => T): T => {
    const store = openMapStore(path, ports.world)
    try {
      return work(store)
    } finally {
      store.close()
    }
  }
  return {
    last: async () => {
      const result = stored((store) => store.readScan())
      if (result === undefined)
        throw new TenonError('SCAN_UNKNOWN', 'nothing was scanned yet', { hint: 'POST /map/api/scan scans.' })
      return result
    },
    scan: async (given) => {
      const roots =
        given === undefined ? (stored((store) => store.readScan())?.roots ?? [ports.locations.workspace]) : [given]
      const workers: PluginProcess[] = []
      try {
        const foreign = await foreignExtensions(ports, workers)
        const done = await scan({ roots, world: ports.world, extensions: [...builtInPlugins, ...foreign] })
        stored((store) => store.persist(done))
        return done.result
      } finally {
        await Promise.all(workers.map((worker) => worker.stop()))
      }
    },
  }
}

async function foreignExtensions(ports: MapPorts, workers: PluginProcess[]): Promise<ExtensionSource[]> {
  const active = ports.installations
    .list()
    .filter(({ description: { id, runtime } }) => runtime.kind === 'map' && ports.isActive(id))
  const sources: ExtensionSource[] = []
  for (const plugin of active) {
    const worker = await startWorker(ports, plugin)
    workers.push(worker)
    sources.push(
      ...(await containedExtensions(mapPluginOf(plugin), (operation, input) =>
        worker.call(operation, input, { traceId: ports.world.newId() }),
      )),
    )
  }
  return sources
}

const mapPluginOf = ({ description: { id, version, runtime, settings } }: InstalledPlugin) => ({
  id,
  version,
  granularity: (runtime.kind === 'map' ? runtime.granularity : undefined) ?? ('bundle' as const),
  ...(settings === undefined ? {} : { settings }),
})

/** A process that holds the extensions of one plugin, and sees nothing but what the kernel hands it. */
async function startWorker({ world, locations, levels }: MapPorts, plugin: InstalledPlugin): Promise<PluginProcess> {
  const { id, version, resources, isolation } = plugin.description
  const folder = join(locations.state, 'map', plugin.manifestDigest.slice('sha256:'.length))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { path, bytes } of workerFiles(plugin.modules)) writeFileSync(join(folder, path), bytes)
  return startPlugin({
    world,
    level: await levels.choose(isolation?.requires ?? []),
    plugin: { id, version, kind: 'node', code: { folder, entry: WORKER_ENTRY } },
    limits: resources ?? {},
    mounts: [],
    workspace: undefined,
    env: {},
    handlers: {},
    onLog: () => undefined,
    onDegraded: () => undefined,
    stateDir: locations.state,
  })
}
