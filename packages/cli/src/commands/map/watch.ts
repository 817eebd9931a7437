import { numberFlag, switchFlag } from '../../command.ts'
import { printJsonLine, printLine } from '../../printer.ts'
import type { Result } from '../../result.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { scanText } from './scan-text.ts'
import { smCommand, type SmCli } from './sm-command.ts'

export type WatchFlags = ExtensionFlags & {
  noTokens: boolean
  strict: boolean
  maxConsecutiveFailures?: number
  json: boolean
}

const FAILURES_MAX = 5

export const mapWatch = smCommand<Omit<WatchFlags, 'json'>, string[]>({
  brief: 'Scan, and scan again what changes, until it is told to stop; with --json a line for each scan',
  example: 'map watch .',
  flags: {
    noTokens: switchFlag('Do not count tokens'),
    strict: switchFlag('Make complaints about front matter and settings errors'),
    maxConsecutiveFailures: numberFlag(`End after so many failures in a row (default: ${FAILURES_MAX})`),
    ...extensionFlags,
  },
  args: ['root...'],
  timed: false,
  run: (cli, flags, ...given) => watching(cli, flags, given),
})

/** Watches until it is told to stop, and prints each scan. */
export async function watching(cli: SmCli, flags: WatchFlags, given: readonly string[]): Promise<Result> {
  const { watchMap } = await import('../../compose/map-watch.ts')
  const { maxConsecutiveFailures = FAILURES_MAX } = flags
  await watchMap(cli, { ...flags, dryRun: false, maxConsecutiveFailures }, given, (result) =>
    flags.json ? printJsonLine(cli.io, result) : printLine(cli.io, scanText(result)),
  )
  return { data: undefined, text: '', printed: true }
}
