import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ground, Scene } from '@tenon/authoring'
import { ownValue, readJson, TenonError, type Audit, type Json } from '@tenon/contract'
import {
  builtInPlugins,
  containedExtensions,
  isLoadable,
  judged,
  pluginExtensions,
  scan,
  type ExtensionSource,
  type Scan,
} from '@tenon/map'
import { startMapWorker } from '../installed-map-worker.ts'
import { mapWorker, type MapWorker } from '../map-worker.ts'
import { NOTHING_SEEN, seenRoot } from '../walked-root.ts'
import { writeBelow } from './dataset-scene.ts'
import type { InstalledCandidate } from './in-memory-installations.ts'

type Ports = Ground & { folder: string; audit: Audit }

/** A folder of files that a scenario fills, and scans of it with the plugin's extensions, each in a sandbox. */
export async function mapScene(
  plugin: InstalledCandidate,
  ports: Ports,
  opened: AsyncDisposableStack,
): Promise<Pick<Required<Scene>, 'map' | 'set'>> {
  const { world, folder } = ports
  const root = join(folder, 'nodes')
  await mkdir(root, { recursive: true })
  const settings: Record<string, Json> = {}
  const extensions = await extensionsOf(plugin, ports, opened)
  const { id } = plugin.description
  return {
    set: async (setting, value) => void (settings[setting] = value),
    map: {
      file: (path, text) => writeBelow(root, path, text),
      scan: async () =>
        toldOf(
          id,
          extensions,
          await scan({
            ...{ roots: [root], world, extensions: [...builtInPlugins, ...extensions] },
            options: { settings: { [id]: settings } },
          }),
        ),
    },
  }
}

async function extensionsOf(
  plugin: InstalledCandidate,
  ports: Ports,
  opened: AsyncDisposableStack,
): Promise<ExtensionSource[]> {
  const { description, manifestDigest: digest } = plugin
  const { folder, stateDir, level, audit, world } = ports
  const workerPorts = {
    ...{ world, audit, log: () => {} },
    locations: { home: folder, owned: folder, workspace: folder, host: folder, registry: folder, state: stateDir },
    levels: { reportOf: async () => level, choose: async () => level },
  }
  const open = (seen = NOTHING_SEEN): MapWorker => {
    const worker = mapWorker(world, () =>
      startMapWorker(workerPorts, { plugin, vouched: false }, { uses: new Map(), handlers: {}, seen }),
    )
    opened.defer(worker.stop)
    return worker
  }
  const found = { id: description.id, folder: '', source: 'installed' as const }
  const files = { digest, files: plugin.files }
  const loadable = await judged(
    found,
    description,
    () => true,
    async () => files,
  )
  if (!isLoadable(loadable)) throw new TenonError('PLUGIN_START_FAILED', `the map does not load it: ${loadable.reason}`)
  return pluginExtensions(loadable, () => containedExtensions(open().call, async (root) => open(seenRoot(root, []))))
}

/** What extensions of one plugin came to: contributions by their ids, and what its rules say. */
function toldOf(
  id: string,
  extensions: readonly ExtensionSource[],
  { result, contributions }: Scan,
): { shown: Json; warnings: string[] } {
  const rules = new Set(extensions.flatMap((one) => ('manifest' in one ? rulesOf(one.manifest) : [])))
  const mine = [...contributions.values()].flat().filter(({ pluginId }) => pluginId === id)
  const shown = JSON.stringify(Object.fromEntries(mine.map((one) => [one.contributionId, one.payload])))
  return {
    shown: readJson(shown).value ?? null,
    warnings: result.issues.filter(({ ruleId }) => rules.has(ruleId)).map(({ message }) => message),
  }
}

const rulesOf = (manifest: unknown): unknown[] => {
  const ids = ownValue(Object(manifest), 'emitsRuleIds')
  return Array.isArray(ids) ? ids : []
}
