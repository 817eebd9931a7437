import { join } from 'node:path'
import { TenonError } from '@tenon/contract'
import type { Config, Scan } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { freshScan, RepeatedScan, type ScanWish } from './keep-scan.ts'
import { extensionsInFolders } from './map-extensions.ts'

export type ScanFlags = ExtensionFlags & ScanWish

/** Scans what the command line names, or else the configuration, and keeps the graph unless the run is dry. */
export async function scanMap(cli: SmCli, flags: ScanFlags, given: readonly string[]): Promise<Scan> {
  await using scans = repeatedScan(cli, flags, given)
  return await scans.next()
}

/** `scanMap` again and again. */
export function repeatedScan(cli: SmCli, flags: ScanFlags, given: readonly string[]): RepeatedScan {
  refuseContradiction(flags)
  return new RepeatedScan(cli, extensionsInFolders(cli, flags), flags, (config) => rootsOf(cli, config, given))
}

/** As `scanMap`, knowing of no scan before and keeping nothing. */
export const scanAside = (cli: SmCli, flags: ExtensionFlags, given: readonly string[]): Promise<Scan> =>
  freshScan(cli, extensionsInFolders(cli, flags), (config) => rootsOf(cli, config, given))

export function refuseContradiction(flags: ScanFlags): void {
  const { changed, verify, noBuiltIns, dryRun, trust = [], distrust = [] } = flags
  if (dryRun && trust.length + distrust.length > 0)
    throw new TenonError('USAGE', 'whom a dry run trusts is not kept, so it trusts nobody', {
      hint: 'Leave --dry-run, or --trust and --distrust, out.',
    })
  if (changed && noBuiltIns)
    throw new TenonError('USAGE', '--changed goes on from a scan with the built-in plugins', {
      hint: 'Leave --no-built-ins or --changed out.',
    })
  if (verify && !changed) throw new TenonError('USAGE', '--verify says how --changed looks', { hint: 'Add --changed.' })
}

/** What the command line names, else the configuration, else where it stands. */
export function rootsOf({ place }: SmCli, { roots }: Config, given: readonly string[]): readonly string[] {
  if (given.length > 0) return given
  if (roots.length === 0) return ['.']
  return place.scope === 'project' ? roots : roots.map((root) => join(place.root, root))
}
