import { switchFlag, textsFlag } from '../../command.ts'
import { printComplaint } from '../../printer.ts'
import { smCommand, type SmCli } from './sm-command.ts'

type Flags = {
  noTokens: boolean
  strict: boolean
  dryRun: boolean
  noBuiltIns: boolean
  noPlugins: boolean
  pluginDir?: string[]
  trust?: string[]
  distrust?: string[]
}

export const mapScan = smCommand<Flags, string[]>({
  brief: 'Scan folders of agent files into a graph and keep it',
  example: 'map scan . --json',
  flags: {
    noTokens: switchFlag('Do not count tokens'),
    strict: switchFlag('Make complaints about front matter errors'),
    dryRun: switchFlag('Keep nothing'),
    noBuiltIns: switchFlag('Leave the built-in plugins out'),
    noPlugins: switchFlag('Leave plugins from outside out'),
    pluginDir: textsFlag('A folder to look for plugins in, in the place of the usual ones'),
    trust: textsFlag('Run this plugin in the process of sm from now on, until its files change'),
    distrust: textsFlag('Run this plugin in a process of its own again'),
  },
  aliases: { n: 'dryRun' },
  args: ['root...'],
  async run(cli, flags, ...given) {
    const { world, place } = cli
    const { disabledKinds, openMapStore, scan } = await import('@tenon/map')
    const { OWN_FOLDERS } = await import('../../compose/own-folders.ts')
    const { noTokens, strict, dryRun } = flags
    await using extensions = await extensionsFor(cli, flags)
    const options = { tokens: !noTokens, strict, ignore: OWN_FOLDERS, disabled: { kinds: disabledKinds(world.env) } }
    const roots = given.length === 0 ? ['.'] : given
    const done = await scan({ roots, world, options, extensions: extensions.sources })
    for (const { pluginId, status, reason } of done.faults) complain(cli, pluginId, status, reason)
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

async function extensionsFor(cli: SmCli, { noBuiltIns, noPlugins, pluginDir = [], trust = [], distrust = [] }: Flags) {
  const { builtInPlugins } = await import('@tenon/map')
  const { openMapPlugins, pluginFolders } = await import('../../compose/map-plugins.ts')
  const { io, world, place } = cli
  const folders = noPlugins ? [] : pluginFolders(world, pluginDir, place.scope)
  const opened = await openMapPlugins(io, world, { folders, trust, distrust })
  for (const { id, status, reason = '' } of opened.plugins)
    if (status !== 'enabled' && status !== 'disabled') complain(cli, id, status, reason)
  const sources = [...(noBuiltIns ? [] : builtInPlugins), ...opened.extensions]
  return { sources, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}

const complain = ({ io }: SmCli, id: string, status: string, reason: string): void =>
  printComplaint(io, `plugin ${id}: ${status} — ${reason}`)
