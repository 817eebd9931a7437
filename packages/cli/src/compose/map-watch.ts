import { join, resolve } from 'node:path'
import { asTenonError } from '@tenon/contract'
import {
  LOCAL_SETTINGS_FILE,
  SETTINGS_FILE,
  watchRoots,
  type Scan,
  type ScanResult,
  type Watched,
  type WatchRequest,
} from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { printError } from '../printer.ts'
import { mapConfig, settingsPlaces } from './map-config.ts'
import { untold } from './map-ground.ts'
import { pluginFolders } from './map-plugins.ts'
import { repeatedScan, rootsOf, type ScanFlags } from './map-scan.ts'
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
  await using scans = repeatedScan(cli, { ...flags, changed: true, isFollowed: true }, given)
  let reads: Scan['reads'] | undefined
  let failures = 0
  const onChange: WatchRequest['onChange'] = async ({ isAfterLook, touched }) => {
    try {
      if (isAfterLook) await scans.forget()
      const done = await scans.next(touched)
      tell(done.result)
      reads = done.reads
      failures = 0
    } catch (thrown) {
      failures += 1
      if (reads === undefined || failures >= maxConsecutiveFailures) throw thrown
      printError(cli.io, asTenonError(thrown), false)
    }
  }
  await watchRoots({
    look: () => watchedBy(cli, flags, given),
    matters: (extension) => reads?.(extension) ?? true,
    ...{ world: cli.world, onChange, signal: cli.io.signal },
  })
}

/** The folders that are scanned, and the settings and plugins by which a scan finds what it finds. */
async function watchedBy(
  cli: SmCli,
  { noPlugins, pluginDir = [] }: ScanFlags,
  given: readonly string[],
): Promise<Watched> {
  const { world, place } = cli
  const { config } = await mapConfig(untold(cli))
  const folders = Object.values(settingsPlaces(cli))
  const plugins = noPlugins ? [] : pluginFolders(world, pluginDir, place.scope).map(({ path }) => path)
  return {
    roots: rootsOf(cli, config, given).map((root) => resolve(world.cwd, root)),
    ignore: [...OWN_FOLDERS, ...config.ignore],
    debounceMs: config.scan.watch.debounceMs,
    settings: [
      ...folders.flatMap((folder) => [SETTINGS_FILE, LOCAL_SETTINGS_FILE].map((name) => join(folder, name))),
      ...plugins,
    ],
  }
}
