import { existsSync } from 'node:fs'
import { TenonError } from '@tenon/contract'
import { openMapStore, shapeStatus, type MapStore } from '@tenon/map'
import { mapConfig } from './map-config.ts'
import { untold, type MapGround } from './map-ground.ts'

/**
 * Opens or makes the database of a map. Throws DATA_FOLDER_FORMAT for one of an earlier shape, where the settings say that
 * nothing is brought to another shape by the way.
 */
export async function openMap(ground: MapGround): Promise<MapStore> {
  const { world, place } = ground
  const missing = existsSync(place.db) ? shapeStatus(place.db).filter(({ applied }) => !applied) : []
  if (missing.length > 0 && !(await mapConfig(untold(ground))).config.autoMigrate)
    throw new TenonError('DATA_FOLDER_FORMAT', `${place.db} is of an earlier shape, and "autoMigrate" is off`, {
      hint: `Run: sm db migrate --db ${place.db}`,
      details: { missing: missing.map(({ version, description }) => `${version}: ${description}`) },
    })
  return openMapStore(place.db, world)
}
