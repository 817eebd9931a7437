import { resolve } from 'node:path'
import { defineCommand, switchFlag, textFlag } from '../command.ts'

type Flags = { db?: string; noTokens: boolean; strict: boolean; dryRun: boolean }

export const mapScan = defineCommand<Flags, string[]>({
  brief: 'Scan folders of agent files into a graph and keep it',
  example: 'map scan . --json',
  flags: {
    db: textFlag('The database (default: .skill-map/skill-map.db)'),
    noTokens: switchFlag('Do not count tokens'),
    strict: switchFlag('Make complaints about front matter errors'),
    dryRun: switchFlag('Keep nothing'),
  },
  args: ['root...'],
  async run({ world }, { db, noTokens, strict, dryRun }, ...given) {
    const { disabledKinds, openMapStore, scan } = await import('@tenon/map')
    const { OWN_FOLDERS } = await import('../compose/own-folders.ts')
    const options = { tokens: !noTokens, strict, ignore: OWN_FOLDERS, disabled: { kinds: disabledKinds(world.env) } }
    const done = await scan({ roots: given.length === 0 ? ['.'] : given, world, options })
    if (!dryRun) {
      const store = openMapStore(resolve(world.cwd, db ?? '.skill-map/skill-map.db'), world)
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
