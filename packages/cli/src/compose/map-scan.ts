import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TenonError } from '@tenon/contract'
import { openMapStore, scan, type Config, type MapStore, type Scan, type Snapshot, type ScanOptions } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { configuredExtensions } from './configured-extensions.ts'
import { complain, errorTeller } from './map-extensions.ts'
import { pluginStores, type PluginStores } from './plugin-stores.ts'

export type ScanFlags = ExtensionFlags & {
  noTokens: boolean
  strict: boolean
  dryRun: boolean
  changed?: boolean
  verify?: boolean
  allowEmpty?: boolean
}

/** Scans what the command line names, or else the configuration, and keeps the graph unless the run is dry. */
export async function scanMap(cli: SmCli, flags: ScanFlags, given: readonly string[]): Promise<Scan> {
  refuseContradiction(flags)
  using store = storeFor(cli, flags.dryRun)
  const before = store?.snapshot()
  using stores = pluginStores(cli.world, cli.place.db, !flags.dryRun)
  const done = await scanned(cli, { ...flags, stores }, given, {
    ...(store === undefined || before === undefined ? {} : { before, strandedPaths: store.strandedPaths }),
    trust: flags.changed ? (flags.verify ? 'text' : 'stat') : 'nothing',
  })
  if (flags.dryRun || store === undefined) return done
  // What a plugin left open would keep this from being written.
  stores[Symbol.dispose]()
  refuseEmpty(done, before, flags)
  store.persist(done)
  return done
}

/** As `scanMap`, knowing of no scan before and keeping nothing. */
export async function freshScan(cli: SmCli, flags: ExtensionFlags, given: readonly string[]): Promise<Scan> {
  using stores = pluginStores(cli.world, cli.place.db, false)
  return await scanned(cli, { ...flags, noTokens: true, strict: false, stores }, given, {})
}

async function scanned(
  cli: SmCli,
  flags: ExtensionFlags & Pick<ScanFlags, 'noTokens' | 'strict'> & { stores: PluginStores },
  given: readonly string[],
  known: Pick<ScanOptions, 'before' | 'strandedPaths' | 'trust'>,
): Promise<Scan> {
  const { world, place } = cli
  const { noTokens, strict } = flags
  const said = { ...(noTokens ? { tokenize: false } : {}), ...(strict ? { strict: true } : {}) }
  const wish = { strict, override: { scan: said } }
  await using configured = await configuredExtensions(cli, flags, wish)
  const { config, extensions, options } = configured
  const done = await scan({
    ...{ roots: rootsOf(cli, config, given), world, extensions },
    options: { ...known, ...options, scope: place.scope, onEvent: errorTeller(cli) },
  })
  for (const { pluginId, status, reason } of done.faults) complain(cli, pluginId, status, reason)
  return done
}

function refuseContradiction(flags: ScanFlags): void {
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

/** A folder that was not there for a moment must not take with it what is kept of its files. */
function refuseEmpty({ result }: Scan, before: Snapshot | undefined, { allowEmpty }: ScanFlags): void {
  const held = before?.nodes.size ?? 0
  if (allowEmpty || held === 0 || result.nodes.length > 0) return
  throw new TenonError('SCAN_FAILED', `nothing was found where ${held} nodes were before`, {
    hint: 'Look whether the folder is the right one; --allow-empty keeps the empty graph.',
    details: { roots: result.roots, held },
  })
}

/** Undefined for a dry run where there is no database, which it does not make. */
const storeFor = ({ world, place }: SmCli, dryRun: boolean): MapStore | undefined =>
  dryRun && !existsSync(place.db) ? undefined : openMapStore(place.db, world)

/** What the command line names, else the configuration, else where it stands. */
export function rootsOf({ place }: SmCli, { roots }: Config, given: readonly string[]): readonly string[] {
  if (given.length > 0) return given
  if (roots.length === 0) return ['.']
  return place.scope === 'project' ? roots : roots.map((root) => join(place.root, root))
}
