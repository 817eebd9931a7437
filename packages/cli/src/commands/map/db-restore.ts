import { resolve } from 'node:path'
import { switchFlag } from '../../command.ts'
import { inline } from '../../printer.ts'
import { requireAgreement } from './agreed.ts'
import { smCommand } from './sm-command.ts'

export const dbRestore = smCommand<{ yes: boolean; dryRun: boolean }, [string]>({
  brief: 'Put a copy in the place of the database of a map, which nobody may be using',
  example: 'map db restore before.db --yes',
  flags: { yes: switchFlag('Do not ask'), dryRun: switchFlag('Only look whether the copy can be used') },
  aliases: { n: 'dryRun' },
  args: ['file'],
  async run(cli, { yes, dryRun }, file) {
    const { world, place } = cli
    const { restoreMap } = await import('@tenon/map')
    const [began, from] = [world.monotonic(), resolve(world.cwd, file)]
    if (!dryRun) await requireAgreement(cli, yes, `${place.db} would be replaced`)
    await restoreMap(from, place.db, { world, dryRun })
    const text = dryRun ? `${from} can take the place of ${place.db}` : `${place.db} is what ${from} was`
    return {
      data: { from, to: place.db, dryRun, elapsedMs: Math.round(world.monotonic() - began) },
      text: inline(text),
    }
  },
})
