import { resolve } from 'node:path'
import { asTenonError } from '@tenon/contract'
import { watchRoots, type ScanResult } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { printError } from '../printer.ts'
import { mapConfig } from './map-config.ts'
import { rootsOf, scanMap, type ScanFlags } from './map-scan.ts'
import { OWN_FOLDERS } from './own-folders.ts'

export type WatchFlags = ScanFlags & { maxConsecutiveFailures: number }

/**
 * Scans, and then what changed, until it is told to stop; `tell` is given each result. Throws what the last of too many
 * scans in a row failed with.
 */
export async function watchMap(
  cli: SmCli,
  { maxConsecutiveFailures, ...flags }: WatchFlags,
  given: readonly string[],
  tell: (result: ScanResult) => void,
): Promise<void> {
  const { world, io } = cli
  const { config } = await mapConfig({ ...cli, quiet: true })
  const roots = rootsOf(cli, config, given).map((root) => resolve(world.cwd, root))
  let reads: readonly string[] | undefined
  let failures = 0
  const onChange = async (): Promise<void> => {
    try {
      const done = await scanMap(cli, { ...flags, changed: true }, given)
      tell(done.result)
      reads = done.reads
      failures = 0
    } catch (thrown) {
      failures += 1
      if (reads === undefined || failures >= maxConsecutiveFailures) throw thrown
      printError(io, asTenonError(thrown), false)
    }
  }
  const { ignore, scan } = config
  await watchRoots({
    ...{ roots, world, onChange, signal: io.signal, debounceMs: scan.watch.debounceMs },
    ignore: [...OWN_FOLDERS, ...ignore],
    matters: (extension) => reads?.includes(extension) ?? true,
  })
}
