import { realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { TenonError, type Capability, type ErrorCode, type Json, type SettingsDeclaration } from '@tenon/contract'
import { admitting, type Admitted, type UseCounts } from '@tenon/host'
import {
  containedExtensions,
  isLoadable,
  isSwitchedOff,
  judged,
  pluginExtensions,
  withoutSharedTables,
  type DiscoveredPlugin,
  type ExtensionSource,
  type LoadablePlugin,
  type StoreCall,
} from '@tenon/map'
import type { OpenedPlugins, OpenPlugins, PluginsWish } from './configured-extensions.ts'
import { grantedStore } from './granted-store.ts'
import { startMapWorker } from './installed-map-worker.ts'
import { mapWorker, type MapWorker } from './map-worker.ts'
import { storeHandlers } from './plugin-stores.ts'
import type { MapPorts } from './map-ports.ts'
import { NOTHING_SEEN, seenRoot } from './walked-root.ts'

/** The active map plugins of a workspace, each verified, contained, and held to what it is granted. */
export const installedMapPlugins =
  (ports: MapPorts): OpenPlugins =>
  async (wish) => {
    await using opened = new AsyncDisposableStack()
    const entrants = await admittedPlugins(ports, wish, opened)
    const loads = new Map(entrants.map(({ plugin, load }) => [plugin.id, load]))
    const results: Loaded[] = []
    for (const plugin of withoutSharedTables(entrants.map((one) => one.plugin)))
      results.push(await loadedPlugin(ports, plugin, loads.get(plugin.id)))
    const lasting = opened.move()
    return { ...together(results), [Symbol.asyncDispose]: () => lasting.disposeAsync() }
  }

type Load = (plugin: LoadablePlugin) => Promise<ExtensionSource[]>

/** A plugin that is active, and how it is loaded where it may run. */
type Entrant = { plugin: DiscoveredPlugin | LoadablePlugin; load?: Load }

async function admittedPlugins(ports: MapPorts, wish: PluginsWish, opened: AsyncDisposableStack): Promise<Entrant[]> {
  const entrants: Entrant[] = []
  for (const { id, description } of ports.active()) {
    if (description.runtime.kind !== 'map') continue
    const found = { id, folder: '', source: 'installed' as const, description }
    entrants.push(
      isSwitchedOff(description, wish.isEnabled)
        ? { plugin: { ...found, status: 'disabled' } }
        : await unlessAtFault(
            () => admittedPlugin(ports, id, wish, opened),
            (reason) => ({ plugin: { ...found, status: 'load-error', reason } }),
          ),
    )
  }
  return entrants
}

/** A plugin that may run. Its process is started at first need, and never again once it may not run any more. */
async function admittedPlugin(
  ports: MapPorts,
  id: string,
  { isEnabled, stores }: PluginsWish,
  opened: AsyncDisposableStack,
): Promise<Entrant> {
  const uses: UseCounts = new Map()
  let store: StoreCall | undefined
  const worker = mapWorker(ports.world, () =>
    startMapWorker(ports, admitted, { uses, handlers: storeHandlers(store), seen: NOTHING_SEEN }),
  )
  const walkers = rootWalkers(ports, id, () => admitted)
  const admitted = opened.use(
    await ports.admit(id, async (why) => void (await Promise.all([worker.refuse(why), walkers.refuse(why)]))),
  )
  opened.defer(worker.stop)
  const { folder, description, manifestDigest: digest, files } = ports.installed(id)
  const found = { id, folder, source: 'installed' as const }
  return {
    plugin: await judged(found, description, isEnabled, async () => ({ digest, files })),
    load: (plugin) => {
      store = stores && grantedStore(ports, plugin, stores, uses)
      return pluginExtensions(plugin, () => containedExtensions(worker.call, walkers.open))
    },
  }
}

/** Processes of a plugin that each see one root which it may read, and none any more once the plugin may not run. */
function rootWalkers(ports: MapPorts, id: string, admitted: () => Admitted) {
  const { world, locations, audit, authority } = ports
  const walkers: MapWorker[] = []
  let refusal: TenonError | undefined
  return {
    open: async (root: string): Promise<MapWorker> => {
      if (refusal !== undefined) throw refusal
      const uses: UseCounts = new Map()
      const admit = admitting({ authority, audit }, ports.installed(id).description, uses)
      const use = { capability: readingOf(root, locations.workspace), target: id, traceId: world.newId() }
      const seen = await admit(use, () => seenRoot(root, [locations.home, locations.host, locations.state]))
      const walker = mapWorker(world, () => startMapWorker(ports, admitted(), { uses, handlers: {}, seen }))
      walkers.push(walker)
      return walker
    },
    refuse: async (why: TenonError): Promise<void> => {
      refusal = why
      await Promise.all(walkers.map((walker) => walker.refuse(why)))
    },
  }
}

/** To read everything in a folder, in the words of a grant. */
function readingOf(folder: string, workspace: string): Capability {
  const inside = relative(realpathSync(workspace), realpathSync(folder))
  const isOutside = inside === '..' || inside.startsWith('../')
  const named = isOutside ? realpathSync(folder) : join('${workspace}', inside)
  return { action: 'fs:read', target: `${named}/**` }
}

type Values = Record<string, Json>
type Loaded = {
  plugin: DiscoveredPlugin
  extensions: ExtensionSource[]
  settings: Values
  secrets: Record<string, string>
}

const loadedPlugin = (
  { chosenFor }: MapPorts,
  plugin: DiscoveredPlugin | LoadablePlugin,
  load: Load | undefined,
): Promise<Loaded> => {
  const nothing = { extensions: [], settings: {}, secrets: {} }
  return unlessAtFault(
    async () => {
      if (load === undefined || !isLoadable(plugin)) return { plugin, ...nothing }
      const chosen = await chosenFor(plugin.id)
      return { plugin, extensions: await load(plugin), ...apart(chosen, plugin.description.settings ?? {}) }
    },
    (reason) => ({ plugin: { ...plugin, status: 'load-error', reason }, ...nothing }),
  )
}

/** Secrets, which are texts, and what is none. */
function apart(chosen: Values, declared: SettingsDeclaration): Pick<Loaded, 'settings' | 'secrets'> {
  const [settings, secrets]: [Values, Record<string, string>] = [{}, {}]
  for (const [id, value] of Object.entries(chosen))
    if (declared[id]?.type === 'secret') secrets[id] = value as string
    else settings[id] = value
  return { settings, secrets }
}

const together = (loaded: readonly Loaded[]): OpenedPlugins => ({
  plugins: loaded.map(({ plugin }) => plugin),
  extensions: loaded.flatMap(({ extensions }) => extensions),
  chosen: {
    settings: Object.fromEntries(loaded.map(({ plugin, settings }) => [plugin.id, settings])),
    secrets: Object.fromEntries(loaded.map(({ plugin, secrets }) => [plugin.id, secrets])),
  },
})

/** What may be wrong with a plugin that is to take part; all else is wrong with us. */
const ITS_FAULTS: readonly ErrorCode[] = [
  'ATTESTATION_MISSING',
  'BUNDLE_CONTENT_MISMATCH',
  'BUNDLE_DIGEST_MISMATCH',
  'BUNDLE_REVOKED',
  'BUNDLE_SIGNATURE_INVALID',
  'CALL_TIMEOUT',
  'CONFIG_INVALID',
  'ISOLATION_UNAVAILABLE',
  'JSON_INVALID',
  'KEY_REVOKED',
  'KEY_UNTRUSTED',
  'MIGRATION_FAILED',
  'OPERATION_FAILED',
  'PLUGIN_CRASHED',
  'PLUGIN_START_FAILED',
  'PROTOCOL_VIOLATION',
  'REVOCATIONS_STALE',
  'SPEC_INVALID',
]

async function unlessAtFault<T>(work: () => Promise<T>, failed: (reason: string) => T): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof TenonError && ITS_FAULTS.includes(thrown.code)) return failed(thrown.message)
    throw thrown
  }
}
