import { join } from 'node:path'
import type { Json, JsonObject } from '@tenon/contract'
import {
  leavesOf,
  readConfig,
  refuseProblems,
  sourceOf,
  valueAtPath,
  type ConfigLayerName,
  type ConfigPath,
  type ConfigPlaces,
  type LayeredConfig,
} from '@tenon/map'
import { untold, type MapGround } from './map-ground.ts'

export type ConfigOptions = {
  /** Makes what is wrong in files an error. */
  strict?: boolean
  /** What the command line or a request says. */
  override?: JsonObject
}

/** The configuration of a map as whoever works on it finds it. What files say and is not taken is told. */
export async function mapConfig(
  ground: MapGround,
  { strict = false, override = {} }: ConfigOptions = {},
): Promise<LayeredConfig> {
  const layered = await readConfig(settingsPlaces(ground), { ...environmentOf(ground.world.env), ...override })
  if (strict) refuseProblems(layered)
  for (const problem of layered.problems) ground.tell.setting(problem)
  return layered
}

/** The folders whose settings count. */
export function settingsPlaces({ world, place }: MapGround): ConfigPlaces {
  const home = world.env['HOME'] ?? ''
  return {
    ...(home === '' ? {} : { user: join(home, '.skill-map') }),
    ...(place.scope === 'project' ? { project: place.folder } : {}),
  }
}

/** The layer that goes over what was just written, if one does. */
export async function overriding(
  ground: MapGround,
  path: ConfigPath,
  value: Json,
): Promise<ConfigLayerName | undefined> {
  const layered = await mapConfig(untold(ground))
  const [other] = leavesOf(value, path).flatMap(([at, leaf]) =>
    JSON.stringify(valueAtPath(layered.config, at)) === JSON.stringify(leaf) ? [] : [at],
  )
  return other && sourceOf(layered, other)
}

const environmentOf = (env: Readonly<Record<string, string | undefined>>): JsonObject =>
  env['SM_NO_UPDATE_CHECK'] === '1' ? { updateCheck: { enabled: false } } : {}
