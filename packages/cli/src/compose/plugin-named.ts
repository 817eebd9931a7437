import { TenonError } from '@tenon/contract'
import { switchKeys, type KnownPlugin } from '@tenon/map'

/** The plugin of that id. Throws PLUGIN_UNKNOWN. */
export function pluginNamed(plugins: readonly KnownPlugin[], id: string): KnownPlugin {
  const found = plugins.find((plugin) => plugin.id === id)
  if (found !== undefined) return found
  throw new TenonError('PLUGIN_UNKNOWN', `there is no plugin ${JSON.stringify(id)}`, {
    hint: `There are ${plugins.map((plugin) => plugin.id).join(', ')}.`,
  })
}

/** Throws PLUGIN_UNKNOWN for a key that switches nothing, saying which do. */
export function refuseSwitch(plugins: readonly KnownPlugin[], key: string): void {
  const plugin = pluginNamed(plugins, key.replace(/\/.*/s, ''))
  const keys = switchKeys(plugin)
  if (keys.includes(key)) return
  const { id, granularity } = plugin
  const how = granularity === 'bundle' ? 'as a whole' : 'extension by extension'
  throw new TenonError('PLUGIN_UNKNOWN', `${id} is switched ${how}, and ${JSON.stringify(key)} is no key for that`, {
    hint: keys.length === 0 ? 'It has no extension that could be loaded.' : `Its keys: ${keys.join(', ')}.`,
    details: { plugin: id, granularity, keys },
  })
}
