import { TenonError } from '@tenon/contract'
import { switchFlag } from '../../command.ts'
import { columns, inline } from '../../printer.ts'
import { requireAgreement } from './agreed.ts'
import { smCommand } from './sm-command.ts'

type Flags = { state: boolean; hard: boolean; yes: boolean; dryRun: boolean }

export const dbReset = smCommand<Flags>({
  brief: 'Empty what scans have kept; with --state also what they cannot make anew; with --hard remove the file',
  example: 'map db reset --state --yes',
  flags: {
    state: switchFlag('Also empty what users, actions and plugins have kept'),
    hard: switchFlag('Remove the file, configuration included'),
    yes: switchFlag('Do not ask'),
    dryRun: switchFlag('Only tell what would be emptied'),
  },
  aliases: { n: 'dryRun' },
  async run(cli, { state, hard, yes, dryRun }) {
    const { world, place } = cli
    if (state && hard) throw new TenonError('USAGE', '--state and --hard exclude each other')
    const { planReset, resetMap } = await import('@tenon/map')
    const began = world.monotonic()
    const reach = hard ? 'hard' : state ? 'state' : 'scan'
    if (reach !== 'scan' && !dryRun) await requireAgreement(cli, yes, `${place.db} would lose what no scan makes anew`)
    const tables = dryRun ? planReset(place.db, reach) : resetMap(place.db, reach, world)
    const verb = dryRun ? 'would be' : 'is'
    return {
      data: { zone: reach, tables, dryRun, elapsedMs: Math.round(world.monotonic() - began) },
      text: hard
        ? `${inline(place.db)} ${verb} removed`
        : `${columns(
            ['TABLE', 'ROWS'],
            tables.map(({ table, rows }) => [table, String(rows)]),
          )}\nall of this ${verb} emptied`,
    }
  },
})
