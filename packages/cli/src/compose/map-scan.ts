import { join } from 'node:path'
import {
  disabledIn,
  disabledKinds,
  openMapStore,
  scan,
  scanSettings,
  switchesOf,
  type Config,
  type Scan,
} from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapConfig } from './map-config.ts'
import { complain, mapExtensions } from './map-extensions.ts'
import { OWN_FOLDERS } from './own-folders.ts'

export type ScanFlags = ExtensionFlags & { noTokens: boolean; strict: boolean; dryRun: boolean }

/** Scans what the command line names, or else the configuration, and keeps the graph unless the run is dry. */
export async function scanMap(cli: SmCli, flags: ScanFlags, given: readonly string[]): Promise<Scan> {
  const { world, place } = cli
  const { noTokens, strict, dryRun } = flags
  const said = { ...(noTokens ? { tokenize: false } : {}), ...(strict ? { strict: true } : {}) }
  const { config } = await mapConfig(cli, { strict, override: { scan: said } })
  const settings = scanSettings(config)
  const keys = disabledIn(switchesOf(config))
  await using extensions = await mapExtensions(cli, flags, (id) => !keys.includes(id))
  const done = await scan({
    roots: given.length === 0 ? configuredRoots(cli, config) : given,
    world,
    extensions: extensions.sources,
    options: {
      ...settings,
      scope: place.scope,
      ignore: [...OWN_FOLDERS, ...settings.ignore],
      disabled: { kinds: disabledKinds(world.env), keys },
    },
  })
  for (const { pluginId, status, reason } of done.faults) complain(cli, pluginId, status, reason)
  if (!dryRun) persist(cli, done)
  return done
}

function configuredRoots({ place }: SmCli, { roots }: Config): string[] {
  if (roots.length === 0) return ['.']
  return place.scope === 'project' ? roots : roots.map((root) => join(place.root, root))
}

function persist({ world, place }: SmCli, done: Scan): void {
  const store = openMapStore(place.db, world)
  try {
    store.persist(done)
  } finally {
    store.close()
  }
}
