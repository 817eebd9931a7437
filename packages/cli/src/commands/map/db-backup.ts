import { resolve } from 'node:path'
import { textFlag } from '../../command.ts'
import { inline } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

export const dbBackup = smCommand<{ out?: string }>({
  brief: 'Copy the database of a map, also while it is used',
  example: 'map db backup --out before.db',
  flags: { out: textFlag('The copy (default: .skill-map/backups/<time>.db)') },
  async run({ world, place }, { out }) {
    const { backUpMap } = await import('@tenon/map')
    const began = world.monotonic()
    const path = await backUpMap(place.db, world, out === undefined ? undefined : resolve(world.cwd, out))
    return { data: { path, elapsedMs: Math.round(world.monotonic() - began) }, text: `copied to ${inline(path)}` }
  },
})
