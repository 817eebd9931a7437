import { switchFlag } from '../../command.ts'
import { smCommand, type SmCli } from './sm-command.ts'

type Flags = { noScan: boolean; force: boolean; strict: boolean; dryRun: boolean }

export const mapInit = smCommand<Flags>({
  brief: 'Begin a map here, or with -g in the home folder, and scan for the first time',
  example: 'map init',
  flags: {
    noScan: switchFlag('Do not scan'),
    force: switchFlag('Write settings anew that are there already'),
    strict: switchFlag('Make complaints about front matter and settings errors'),
    dryRun: switchFlag('Only say what would be written'),
  },
  aliases: { n: 'dryRun' },
  async run(cli, { noScan, force, strict, dryRun }) {
    const began = cli.world.monotonic()
    const { carryOut, planInit } = await import('../../compose/map-init.ts')
    const { mapConfig } = await import('../../compose/map-config.ts')
    const plan = await planInit(cli, force)
    if (strict) await mapConfig(cli, { strict })
    if (!dryRun) await carryOut(cli, plan)
    const stats = noScan || dryRun ? undefined : await firstScan(cli, strict)
    const paths = [...plan.files.map(({ path }) => path), plan.database]
    const lines = paths.map((path) => `${dryRun ? 'would write' : 'wrote'} ${path}`)
    if (dryRun && !noScan) lines.push('would scan')
    if (stats !== undefined)
      lines.push(`${stats.nodesCount} nodes, ${stats.linksCount} links, ${stats.issuesCount} issues`)
    const elapsedMs = Math.round(cli.world.monotonic() - began)
    const data = {
      ...(dryRun ? { dryRun } : {}),
      scope: cli.place.scope,
      written: paths,
      ...(stats && { stats }),
      elapsedMs,
    }
    return { data, text: lines.join('\n') }
  },
})

async function firstScan(cli: SmCli, strict: boolean) {
  const { scanMap } = await import('../../compose/map-scan.ts')
  return (await scanMap(cli, { ...FIRST, strict }, [])).result.stats
}

const FIRST = {
  ...{ noTokens: false, dryRun: false, noBuiltIns: false, noPlugins: false },
  ...{ changed: false, verify: false, allowEmpty: false },
}
