import { join, resolve } from 'node:path'
import { TenonError } from '@tenon/contract'
import type { ScanResult } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { withHost } from './host-session.ts'
import { locationsOf } from './locations.ts'
import { refuseContradiction, type ScanFlags } from './map-scan.ts'

/** Lets the host over this workspace scan, with the plugins that are installed and enabled there. It keeps the graph. */
export async function scanOnHost(cli: SmCli, flags: ScanFlags, given: readonly string[]): Promise<ScanResult> {
  refuseContradiction(flags)
  refuseOfFolders(cli, flags, given)
  const { changed, verify, allowEmpty, dryRun, strict, noTokens } = flags
  const [root] = given.map((folder) => resolve(cli.world.cwd, folder))
  const wish = { root, changed, verify, allowEmpty, dryRun, strict, noTokens }
  const answer = await withHost(cli, locationsOf(cli.world, {}), (ask) => ask('POST', '/map/api/scan', wish))
  return answer as ScanResult
}

/** What is about plugins in folders, or about a map that is not the host's. */
function refuseOfFolders({ place }: SmCli, flags: ScanFlags, given: readonly string[]): void {
  const { noBuiltIns, noPlugins, pluginDir, trust, distrust } = flags
  const said = {
    ...{ '--no-built-ins': noBuiltIns, '--no-plugins': noPlugins },
    ...{ '--global': place.scope === 'global', '--db': place.db !== join(place.folder, 'skill-map.db') },
  }
  const named = { '--plugin-dir': pluginDir, '--trust': trust, '--distrust': distrust }
  const refused = [
    ...Object.entries(said).flatMap(([flag, isSaid]) => (isSaid ? [flag] : [])),
    ...Object.entries(named).flatMap(([flag, names]) => (names === undefined ? [] : [flag])),
    ...(given.length > 1 ? ['a second folder'] : []),
  ]
  if (refused.length === 0) return
  throw new TenonError('USAGE', `${refused.join(', ')} does not go with --host`, {
    hint: 'A host scans one folder, or those of its settings, with the plugins that are installed.',
  })
}
