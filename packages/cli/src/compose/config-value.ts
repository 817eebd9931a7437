import type { Json } from '@tenon/contract'
import { pathOf, sourceOf, unknownKey, valueAtPath, withoutSecrets, type ConfigLayerName } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapConfig } from './map-config.ts'
import { declaredSecrets } from './plugin-settings.ts'

/** One value of the configuration, and the layer that has the last word on it. Throws CONFIG_KEY_UNKNOWN. */
export async function configValue(
  cli: SmCli,
  key: string,
  strict: boolean,
): Promise<{ value: Json; source: ConfigLayerName }> {
  const layered = await mapConfig(cli, { strict })
  const path = pathOf(key)
  const [value, source] = [
    valueAtPath(withoutSecrets(layered.config, await declaredSecrets(cli)), path),
    sourceOf(layered, path),
  ]
  if (value === undefined || source === undefined) throw unknownKey(path)
  return { value, source }
}
