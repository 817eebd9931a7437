import { messageOf, TenonError } from '@tenon/contract'
import {
  declaredStorage,
  discoverPlugins,
  isLoadable,
  mapRuntime,
  migrateMap,
  migratePlugin,
  pluginStatus,
  shapeStatus,
  type LoadablePlugin,
} from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { pluginFolders } from './map-plugins.ts'

export type MigrateFlags = {
  status: boolean
  to?: number
  dryRun: boolean
  noBackup: boolean
  kernelOnly: boolean
  plugin?: string
  pluginDir?: string[]
}

/** A step of the shape of the map's own tables, or of a plugin's; `applied` says whether it is done now. */
export type MigrateStep = { owner: string; version: number; description: string; applied: boolean }
export type Migrated = { steps: MigrateStep[]; failures: { plugin: string; message: string }[] }

/** First the map's own tables, then those of plugins in the order of their ids; one that fails stops no other. */
export async function migrateDatabase(cli: SmCli, flags: MigrateFlags): Promise<Migrated> {
  const { world, place } = cli
  const isDry = flags.dryRun || flags.status
  const steps = flags.plugin === undefined ? ownSteps(cli, flags, isDry) : []
  const failures: Migrated['failures'] = []
  if (flags.kernelOnly || flags.to !== undefined) return { steps, failures }
  if (!isDry) refuseMissing(place.db)
  for (const plugin of await chosenPlugins(cli, flags)) {
    try {
      const storage = declaredStorage(plugin.id, mapRuntime(plugin.description).mapStorage, plugin.files)
      if (storage?.mode !== 'dedicated') continue
      const known = pluginStatus(place.db, storage).filter(({ applied }) => flags.status || !applied)
      if (!isDry) migratePlugin(place.db, world, storage)
      steps.push(...known.map((step) => ({ owner: plugin.id, ...step, applied: step.applied || !isDry })))
    } catch (thrown) {
      if (!(thrown instanceof TenonError && thrown.code === 'MIGRATION_FAILED')) throw thrown
      failures.push({ plugin: plugin.id, message: messageOf(thrown) })
    }
  }
  return { steps, failures }
}

/** The ledger of plugins' tables is one of the map's own. */
function refuseMissing(path: string): void {
  if (shapeStatus(path).every(({ applied }) => applied)) return
  throw new TenonError('MIGRATION_FAILED', `${path} is not of the newest version itself`, {
    hint: 'Run "sm db migrate" first.',
  })
}

function ownSteps({ world, place }: SmCli, { status, to, noBackup }: MigrateFlags, isDry: boolean): MigrateStep[] {
  if (status) return shapeStatus(place.db).map((step) => ({ owner: 'map', ...step }))
  const missing = migrateMap(place.db, world, { to, backup: !noBackup, dryRun: isDry })
  return missing.map((step) => ({ owner: 'map', ...step, applied: !isDry }))
}

async function chosenPlugins(
  { world, place }: SmCli,
  { plugin, pluginDir = [] }: MigrateFlags,
): Promise<LoadablePlugin[]> {
  const found = (await discoverPlugins(pluginFolders(world, pluginDir, place.scope))).filter(isLoadable)
  if (plugin === undefined) return found.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const chosen = found.filter(({ id }) => id === plugin)
  if (chosen.length > 0) return chosen
  throw new TenonError('PLUGIN_UNKNOWN', `there is no plugin ${plugin} that can be loaded`)
}
