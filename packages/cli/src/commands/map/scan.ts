import { TenonError } from '@tenon/contract'
import type { ScanResult } from '@tenon/map'
import { switchFlag } from '../../command.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { scanText } from './scan-text.ts'
import { smCommand, type SmCli } from './sm-command.ts'
import { watching, type WatchFlags } from './watch.ts'

type Flags = ExtensionFlags & {
  noTokens: boolean
  strict: boolean
  dryRun: boolean
  changed: boolean
  verify: boolean
  allowEmpty: boolean
  watch: boolean
  host: boolean
}

export const mapScan = smCommand<Flags, string[]>({
  brief: 'Scan folders of agent files into a graph and keep it',
  example: 'map scan . --json',
  flags: {
    noTokens: switchFlag('Do not count tokens'),
    strict: switchFlag('Make complaints about front matter and settings errors'),
    dryRun: switchFlag('Keep nothing'),
    changed: switchFlag('Find out anew only what changed since the scan before'),
    verify: switchFlag('With --changed: read every file, whatever its time of change says'),
    allowEmpty: switchFlag('Keep an empty graph in the place of one that is not'),
    watch: switchFlag('Go on with what changes, as "watch" does'),
    host: switchFlag('Let the host of the workspace scan, with the plugins installed there'),
    ...extensionFlags,
  },
  aliases: { n: 'dryRun' },
  args: ['root...'],
  async run(cli, flags, ...given) {
    if (flags.watch) return watching(cli, watchable(flags), given)
    const result = await scanned(cli, flags, given)
    return {
      data: result,
      text: scanText(result),
      exit: result.issues.some(({ severity }) => severity === 'error') ? 1 : 0,
    }
  },
})

async function scanned(cli: SmCli, flags: Flags & { json: boolean }, given: readonly string[]): Promise<ScanResult> {
  if (flags.host) {
    const { scanOnHost } = await import('../../compose/scan-on-host.ts')
    return scanOnHost(cli, flags, given)
  }
  const { threadAhead } = await import('../../compose/thread-ahead.ts')
  await using thread = threadAhead({ ...flags, db: cli.place.db })
  const { scanMap } = await import('../../compose/map-scan.ts')
  return (await scanMap(cli, { ...flags, isBrief: !flags.json, thread }, given)).result
}

function watchable(flags: Flags & { json: boolean }): WatchFlags {
  const { dryRun, verify, noBuiltIns, host } = flags
  const said = { '--dry-run': dryRun, '--verify': verify, '--no-built-ins': noBuiltIns, '--host': host }
  const [refused] = Object.entries(said).find(([, given]) => given) ?? ['']
  if (refused === '') return flags
  throw new TenonError('USAGE', `${refused} does not go with --watch`, { hint: `Leave ${refused} out.` })
}
