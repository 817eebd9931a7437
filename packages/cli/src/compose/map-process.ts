import { join } from 'node:path'
import { inTurn, limits, TenonError, type Audit, type ErrorCode, type World } from '@tenon/contract'
import {
  builtInPlugins,
  containedExtensions,
  openMapStore,
  scan,
  WORKER_ENTRY,
  workerFiles,
  type CallWorker,
  type ExtensionSource,
  type MapStore,
  type ScanEvent,
  type ScanResult,
  type Walker,
} from '@tenon/map'
import { startPlugin, type PluginProcess } from '@tenon/sandbox'
import type { Admissions, Admitted, InstalledPlugin, PluginRecord } from '@tenon/host'
import type { Levels } from './launch.ts'
import { homeOf, type Locations } from './locations.ts'
import { writeWorker } from './map-worker.ts'
import { OWN_FOLDERS } from './own-folders.ts'
import { seenRoot, type SeenRoot } from './walked-root.ts'

export type MapPorts = {
  world: World
  locations: Locations
  levels: Levels
  audit: Audit
  log(plugin: string, level: string, message: string): void
  /** The plugins that may take part now. */
  active(): readonly PluginRecord[]
  admit: Admissions['admit']
}

export type MapProcess = { last(): Promise<ScanResult>; scan(root?: string): Promise<ScanResult> }

/**
 * The map of a workspace: scans with the built-in extensions and with those of active map plugins, each contained. One
 * scan is done after the other.
 */
export function mapOf(ports: MapPorts): MapProcess {
  const turn = inTurn()
  return {
    last: async () => {
      const result = lastScan(ports)
      if (result !== undefined) return result
      throw new TenonError('SCAN_UNKNOWN', 'nothing was scanned yet', { hint: 'POST /map/api/scan scans.' })
    },
    scan: (root) => turn(() => scanned(ports, root)),
  }
}

async function scanned(ports: MapPorts, root: string | undefined): Promise<ScanResult> {
  await using started = new AsyncDisposableStack()
  using store = storeOf(ports)
  const before = store.snapshot()
  const usual = before.roots.length === 0 ? [ports.locations.workspace] : before.roots
  const roots = root === undefined ? usual : [root]
  const extensions = [...builtInPlugins, ...(await foreignExtensions(ports, started))]
  const onEvent = ({ type, data }: ScanEvent): void => {
    if (type === 'extension.error') ports.log(data.extensionId, 'warn', data.message)
  }
  const options = { onEvent, ignore: OWN_FOLDERS, before, strandedPaths: store.strandedPaths }
  const done = await scan({ roots, world: ports.world, extensions, options })
  for (const { pluginId, reason } of done.faults) ports.log(pluginId, 'warn', `takes no part in the scan: ${reason}`)
  store.persist(done)
  return done.result
}

function lastScan(ports: MapPorts): ScanResult | undefined {
  using store = storeOf(ports)
  return store.readScan()
}

const storeOf = ({ locations, world }: MapPorts): MapStore => openMapStore(join(locations.host, 'map.db'), world)

/** What may be wrong with a plugin that is to take part; all else is wrong with us. */
const ITS_FAULTS: readonly ErrorCode[] = [
  'ATTESTATION_MISSING',
  'BUNDLE_CONTENT_MISMATCH',
  'BUNDLE_DIGEST_MISMATCH',
  'BUNDLE_REVOKED',
  'BUNDLE_SIGNATURE_INVALID',
  'CALL_TIMEOUT',
  'ISOLATION_UNAVAILABLE',
  'KEY_REVOKED',
  'KEY_UNTRUSTED',
  'OPERATION_FAILED',
  'PLUGIN_CRASHED',
  'PLUGIN_START_FAILED',
  'PROTOCOL_VIOLATION',
  'REVOCATIONS_STALE',
]

async function foreignExtensions(ports: MapPorts, started: AsyncDisposableStack): Promise<ExtensionSource[]> {
  const { active, admit, world, log } = ports
  const sources: ExtensionSource[] = []
  for (const { id, description } of active()) {
    if (description.runtime.kind !== 'map') continue
    try {
      let starting: Promise<PluginProcess> | undefined
      const end = async (): Promise<void> => void (await (await starting)?.stop())
      const admitted = started.use(await admit(id, end))
      const { plugin } = admitted
      starting = startWorker(ports, admitted, started)
      const worker = await starting
      const call: CallWorker = (operation, input) => worker.call(operation, input, { traceId: world.newId() })
      const own = mapPluginOf(plugin)
      const walker = async (root: string): Promise<Walker> => {
        const { locations } = ports
        const seen = seenRoot(root, [homeOf(world), locations.host, locations.state])
        const walking = await startWorker(ports, admitted, started, seen)
        return {
          call: (operation, input) =>
            walking.call(operation, input, { traceId: world.newId(), deadlineMs: limits.mapCallMs }),
          stop: async () => void (await walking.stop()),
        }
      }
      sources.push(...(await containedExtensions(call, walker)).map((described) => ({ plugin: own, ...described })))
    } catch (thrown) {
      if (!(thrown instanceof TenonError && ITS_FAULTS.includes(thrown.code))) throw thrown
      log(id, 'warn', `takes no part in the scan: ${thrown.message}`)
    }
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
async function startWorker(
  { world, locations, levels, audit, log }: MapPorts,
  { plugin, vouched }: Admitted,
  started: AsyncDisposableStack,
  seen: SeenRoot = { mounts: [], workspace: undefined },
): Promise<PluginProcess> {
  const { id, version, resources, isolation } = plugin.description
  const modules = plugin.modules.map((bytes, index) => ({ path: `extension-${index}.mjs`, bytes }))
  const entries = modules.map(({ path }) => path)
  const folder = writeWorker(join(locations.state, 'map'), workerFiles(modules, entries), world)
  const note = (action: string, reason: string): Promise<void> =>
    audit.record({ actor: 'host', action, target: id, decision: 'allow', reason, traceId: world.newId() })
  const degraded: string[] = []
  const throttled: string[] = []
  const worker = await startPlugin({
    world,
    level: await levels.choose(isolation?.requires ?? [], { vouched }),
    plugin: { id, version, kind: 'node', code: { folder, entry: WORKER_ENTRY } },
    limits: resources ?? {},
    ...seen,
    env: {},
    handlers: {},
    onLog: (stream, text) => log(id, stream === 'stderr' ? 'warn' : 'info', text),
    onDegraded: (message) => void degraded.push(message),
    onThrottled: (message) => void throttled.push(message),
    stateDir: locations.state,
  })
  started.defer(async () => {
    const { reason } = await worker.stop()
    for (const message of throttled) await note('plugin.throttled', message)
    await note('plugin.end', reason)
  })
  for (const lack of degraded) await note('plugin.degraded', lack)
  await note('plugin.start', `started at level ${worker.level} for a scan`)
  return worker
}
