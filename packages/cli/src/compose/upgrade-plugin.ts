import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import { isObject, parseJson, TenonError, type JsonObject } from '@tenon/contract'
import { builtInPlugins, discoverPlugins, upgradeForCatalog } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { pluginFolders } from './map-plugins.ts'

/** Writes the manifest of a plugin anew where it is for an earlier catalogue. Throws PLUGIN_UNKNOWN or UPGRADE_IMPOSSIBLE. */
export async function upgradePlugin(
  { world, place }: SmCli,
  id: string,
  pluginDir: readonly string[] = [],
): Promise<{ file?: string; steps: string[] }> {
  if (builtInPlugins.some(({ plugin }) => plugin.id === id)) return { steps: [] }
  const found = await discoverPlugins(pluginFolders(world, pluginDir, place.scope))
  const plugins = found.filter((plugin) => plugin.id === id)
  const [plugin] = plugins
  if (plugin === undefined || plugins.length > 1)
    throw new TenonError('PLUGIN_UNKNOWN', `there are ${plugins.length} plugins ${JSON.stringify(id)}`, {
      hint: 'sm plugins list shows what there is.',
    })
  const file = join(plugin.folder, 'plugin.json')
  const { manifest, steps } = upgradeForCatalog(await manifestIn(file))
  if (steps.length === 0) return { steps }
  await writeAside(nodeDisk, file, `${JSON.stringify(manifest, null, 2)}\n`)
  return { file, steps }
}

async function manifestIn(file: string): Promise<JsonObject> {
  const value = parseJson(await readFile(file, 'utf8'), file)
  if (isObject(value)) return value
  throw new TenonError('UPGRADE_IMPOSSIBLE', `${file} holds no object`, { hint: 'Correct it first.' })
}
