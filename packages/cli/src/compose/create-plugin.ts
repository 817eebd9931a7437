import { basename, join, resolve } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import { isPluginId, TenonError } from '@tenon/contract'
import { builtInPlugins, discoverPlugins, newPluginFiles } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { pluginFolders } from './map-plugins.ts'

type NewPlugin = { id: string; at?: string; force: boolean }

/** Writes a plugin and says which files. Throws FILE_EXISTS, PLUGIN_EXISTS or REFERENCE_INVALID before it writes any. */
export async function createPlugin(cli: SmCli, { id, at, force }: NewPlugin): Promise<string[]> {
  if (!isPluginId(id))
    throw new TenonError('REFERENCE_INVALID', `${JSON.stringify(id)} is no id of a plugin`, {
      hint: 'Lower-case letters and digits, with single hyphens between words.',
    })
  const folder = folderFor(cli, id, at)
  await refuseOther(cli, id, folder)
  const files = newPluginFiles(id).map(({ path, text }) => ({ path: join(folder, path), text }))
  if (!force) await refuseExisting(files.map(({ path }) => path))
  for (const { path, text } of files) await writeAside(nodeDisk, path, text)
  return files.map(({ path }) => path)
}

/** The folder of a plugin bears its id. */
function folderFor({ world, place }: SmCli, id: string, at: string | undefined): string {
  const given = at === undefined ? join(place.folder, 'plugins') : resolve(world.cwd, at)
  return basename(given) === id ? given : join(given, id)
}

/** Of two plugins with one id, neither takes part. */
async function refuseOther({ world, place }: SmCli, id: string, folder: string): Promise<void> {
  const own = builtInPlugins.find(({ plugin }) => plugin.id === id)
  const others = await discoverPlugins(pluginFolders(world, [], place.scope))
  const other = others.find((plugin) => plugin.id === id && plugin.folder !== folder)
  if (own === undefined && other === undefined) return
  throw new TenonError(
    'PLUGIN_EXISTS',
    `there is a plugin ${id} ${other === undefined ? 'already' : `in ${other.folder}`}`,
    {
      hint: 'Choose another id.',
    },
  )
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  const kinds = await Promise.all(paths.map((path) => nodeDisk.kind(path)))
  const there = paths.filter((_, index) => kinds[index] !== undefined)
  if (there.length === 0) return
  throw new TenonError('FILE_EXISTS', `${there.join(', ')} would be written over`, { hint: 'With --force they are.' })
}
