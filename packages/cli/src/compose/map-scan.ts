import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TenonError } from '@tenon/contract'
import { openMapStore, scan, type Config, type MapStore, type Scan, type Snapshot, type ScanOptions } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { configuredExtensions, type ConfiguredExtensions } from './configured-extensions.ts'
import { mapSwitches } from './map-catalogue.ts'
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
  await using scans = new RepeatedScan(cli, flags, given)
  return await scans.next()
}

/** As `scanMap`, knowing of no scan before and keeping nothing. */
export async function freshScan(cli: SmCli, flags: ExtensionFlags, given: readonly string[]): Promise<Scan> {
  const fresh = { ...flags, noTokens: true, strict: false, dryRun: true }
  await using loaded = await loadedFor(cli, fresh)
  return await scanned(cli, loaded, given, {})
}

/**
 * `scanMap` again and again. What it needs is loaded once, for as long as nobody else keeps a scan or switches anything;
 * the database is open during a scan only, so that it can be restored or removed between two.
 */
export class RepeatedScan implements AsyncDisposable {
  readonly #cli: SmCli
  readonly #flags: ScanFlags
  readonly #given: readonly string[]
  #loaded: Loaded | undefined
  #snapshot: Snapshot | undefined

  constructor(cli: SmCli, flags: ScanFlags, given: readonly string[]) {
    refuseContradiction(flags)
    ;[this.#cli, this.#flags, this.#given] = [cli, flags, given]
  }

  async next(): Promise<Scan> {
    const [cli, flags] = [this.#cli, this.#flags]
    using store = storeFor(cli, flags.dryRun)
    const before = store && (this.#snapshot && store.holds(this.#snapshot) ? this.#snapshot : store.snapshot())
    const loaded = await this.#load()
    const done = await scanned(cli, loaded, this.#given, {
      ...(store === undefined || before === undefined ? {} : { before, strandedPaths: store.strandedPaths }),
      trust: flags.changed ? (flags.verify ? 'text' : 'stat') : 'nothing',
    })
    if (flags.dryRun || store === undefined) return done
    // What a plugin left open would keep this from being written.
    if (loaded.stores.areOpen) await this.forget()
    refuseEmpty(done, before, flags)
    this.#snapshot = store.persist(done)
    return done
  }

  /** Makes the next scan load everything anew. */
  async forget(): Promise<void> {
    const loaded = this.#loaded
    this.#loaded = undefined
    await loaded?.[Symbol.asyncDispose]()
  }

  async #load(): Promise<Loaded> {
    const held = this.#loaded
    if (held !== undefined && switchesText(this.#cli, held) !== held.switches) await this.forget()
    return (this.#loaded ??= await loadedFor(this.#cli, this.#flags))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.forget()
  }
}

/** The extensions of a scan, configured and with what they keep. */
type Loaded = ConfiguredExtensions & AsyncDisposable & { stores: PluginStores; switches: string }

async function loadedFor(
  cli: SmCli,
  flags: ExtensionFlags & Pick<ScanFlags, 'noTokens' | 'strict' | 'dryRun'>,
): Promise<Loaded> {
  await using closing = new AsyncDisposableStack()
  const stores = closing.use(pluginStores(cli.world, cli.place.db, !flags.dryRun))
  const { noTokens, strict } = flags
  const said = { ...(noTokens ? { tokenize: false } : {}), ...(strict ? { strict: true } : {}) }
  const wish = { strict, override: { scan: said } }
  const configured = closing.use(await configuredExtensions(cli, { ...flags, stores }, wish))
  const kept = closing.move()
  const switches = switchesText(cli, configured)
  return { ...configured, stores, switches, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const switchesText = (cli: SmCli, { config }: Pick<ConfiguredExtensions, 'config'>): string =>
  JSON.stringify(mapSwitches(cli, config))

async function scanned(
  cli: SmCli,
  { config, extensions, options }: ConfiguredExtensions,
  given: readonly string[],
  known: Pick<ScanOptions, 'before' | 'strandedPaths' | 'trust'>,
): Promise<Scan> {
  const { world, place } = cli
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
