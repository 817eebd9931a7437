import { join, resolve } from 'node:path'
import { inTurn, TenonError } from '@tenon/contract'
import { builtInPlugins, openMapStore, type ScanResult } from '@tenon/map'
import type { MapPlace } from '../commands/map/place.ts'
import { installedMapPlugins } from './installed-map-plugins.ts'
import { keepScan, type ScanWish } from './keep-scan.ts'
import { loggingTeller, type MapGround } from './map-ground.ts'
import type { MapPorts } from './map-ports.ts'

/** `root` is the one folder to scan. */
export type MapScanWish = ScanWish & { root?: string }

export type MapProcess = { last(): Promise<ScanResult>; scan(wish: MapScanWish): Promise<ScanResult> }

/** The map of a workspace, as its settings and its active map plugins have it. One scan is done after the other. */
export function mapOf(ports: MapPorts): MapProcess {
  const turn = inTurn()
  const ground = groundOf(ports)
  const participants = { builtIns: builtInPlugins, open: installedMapPlugins(ports) }
  return {
    last: async () => {
      const result = lastScan(ground)
      if (result !== undefined) return result
      throw new TenonError('SCAN_UNKNOWN', 'nothing was scanned yet', { hint: 'POST /map/api/scan scans.' })
    },
    scan: ({ root, changed = true, ...wish }) =>
      turn(async () => {
        const { result } = await keepScan(ground, participants, { ...wish, changed }, ({ roots }, before) =>
          root === undefined ? rootsOf(ground.place, roots, before?.roots ?? []) : [root],
        )
        return result
      }),
  }
}

/** The configuration, else what was scanned last, else the workspace. */
function rootsOf({ root }: MapPlace, configured: readonly string[], last: readonly string[]): readonly string[] {
  if (configured.length > 0) return configured.map((folder) => resolve(root, folder))
  return last.length > 0 ? last : [root]
}

/** The settings are those of the workspace; the graph is the host's own, beside that of `sm`. */
function groundOf({ world, locations, log }: MapPorts): MapGround {
  const { workspace: root, home } = locations
  const folder = join(root, '.skill-map')
  const place = { scope: 'project', root, folder, db: join(locations.host, 'map.db') } as const
  return { world, place, home, switchesDb: join(folder, 'skill-map.db'), tell: loggingTeller(log) }
}

function lastScan({ world, place }: MapGround): ScanResult | undefined {
  using store = openMapStore(place.db, world)
  return store.readScan()
}
