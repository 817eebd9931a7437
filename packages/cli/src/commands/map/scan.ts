import { smCommand } from './sm-command.ts'
import { switchFlag } from '../../command.ts'

type Flags = { noTokens: boolean; strict: boolean; dryRun: boolean }

export const mapScan = smCommand<Flags, string[]>({
  brief: 'Scan folders of agent files into a graph and keep it',
  example: 'map scan . --json',
  flags: {
    noTokens: switchFlag('Do not count tokens'),
    strict: switchFlag('Make complaints about front matter errors'),
    dryRun: switchFlag('Keep nothing'),
  },
  aliases: { n: 'dryRun' },
  args: ['root...'],
  async run({ world, place }, { noTokens, strict, dryRun }, ...given) {
    const { disabledKinds, openMapStore, scan } = await import('@tenon/map')
    const { OWN_FOLDERS } = await import('../../compose/own-folders.ts')
    const options = { tokens: !noTokens, strict, ignore: OWN_FOLDERS, disabled: { kinds: disabledKinds(world.env) } }
    const done = await scan({ roots: given.length === 0 ? ['.'] : given, world, options })
    if (!dryRun) {
      const store = openMapStore(place.db, world)
      try {
        store.persist(done)
      } finally {
        store.close()
      }
    }
    const { stats, issues } = done.result
    const text = `${stats.nodesCount} nodes, ${stats.linksCount} links, ${stats.issuesCount} issues in ${stats.durationMs} ms`
    return { data: done.result, text, exit: issues.some(({ severity }) => severity === 'error') ? 1 : 0 }
  },
})
