import { numberFlag, switchFlag, textFlag, textsFlag } from '../../command.ts'
import { columns } from '../../printer.ts'
import type { MigrateFlags } from '../../compose/map-migrate.ts'
import { smCommand } from './sm-command.ts'

export const dbMigrate = smCommand<MigrateFlags>({
  brief: 'Bring the database of a map, and the tables of plugins in it, to their newest shape',
  example: 'map db migrate --status',
  flags: {
    status: switchFlag('Tell each step and whether it is done, and do none'),
    to: numberFlag('The version of the map’s own tables (default: the newest)'),
    dryRun: switchFlag('Only tell the steps that are missing'),
    noBackup: switchFlag('Make no copy before'),
    kernelOnly: switchFlag('Leave the tables of plugins as they are'),
    plugin: textFlag('Only the tables of this plugin'),
    pluginDir: textsFlag('A folder to look for plugins in, in the place of the usual ones'),
  },
  aliases: { n: 'dryRun' },
  async run(cli, flags) {
    const { migrateDatabase } = await import('../../compose/map-migrate.ts')
    const { world } = cli
    const began = world.monotonic()
    const { steps, failures } = await migrateDatabase(cli, flags)
    const rows = steps.map(({ owner, version, description, applied }) => [
      owner,
      String(version),
      description,
      applied ? 'done' : 'missing',
    ])
    const lines = [
      rows.length === 0 ? 'nothing is missing' : columns(['OF', 'VERSION', 'STEP', 'STATE'], rows),
      ...failures.map(({ plugin, message }) => `plugin ${plugin}: ${message}`),
    ]
    const dryRun = flags.dryRun || flags.status
    const data = { dryRun, steps, failures, elapsedMs: Math.round(world.monotonic() - began) }
    return { data, text: lines.join('\n'), exit: failures.length > 0 ? 1 : 0 }
  },
})
