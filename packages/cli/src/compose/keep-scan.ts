import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { TenonError, type Problem } from '@tenon/contract'
import {
  scan,
  type Config,
  type MapStore,
  type Scan,
  type ScanEvent,
  type ScanOptions,
  type Snapshot,
  type Trust,
} from '@tenon/map'
import type { SecondThread } from '@tenon/map/thread'
import { configuredExtensions, type ConfiguredExtensions, type Participants } from './configured-extensions.ts'
import type { MapGround, MapTeller } from './map-ground.ts'
import { mapSwitches } from './map-switches.ts'
import { openMap } from './open-map.ts'
import { pluginStores, type PluginStores } from './plugin-stores.ts'
import { threadAhead } from './thread-ahead.ts'

/** What is wanted of a scan. What it leaves open the configuration says. */
export type ScanWish = {
  noTokens?: boolean
  strict?: boolean
  /** Keeps nothing. */
  dryRun?: boolean
  /** Finds out anew only what changed. */
  changed?: boolean
  /** Reads every file all the same. */
  verify?: boolean
  /** Keeps an empty graph in the place of one that is not. */
  allowEmpty?: boolean
  /** Another one follows in this process. */
  isFollowed?: boolean
  /** Nobody asks for the nodes and links of the result, which are not to be had then. */
  isBrief?: boolean
  /** Helps the first scan. */
  thread?: SecondThread
}

/** The folders to scan, by the configuration and by the scan before. */
export type RootsOf = (config: Config, before: Snapshot | undefined) => readonly string[]

/** Scans, and keeps the graph and what plugins keep, unless the run is dry. */
export async function keepScan(
  ground: MapGround,
  participants: Participants,
  wish: ScanWish,
  rootsOf: RootsOf,
): Promise<Scan> {
  const { changed = false, noTokens = false } = wish
  await using thread = threadAhead({ db: ground.place.db, changed, noTokens })
  await using scans = new RepeatedScan(ground, participants, { ...wish, thread }, rootsOf)
  return await scans.next()
}

/** As `keepScan`, knowing of no scan before and keeping nothing. */
export async function freshScan(ground: MapGround, participants: Participants, rootsOf: RootsOf): Promise<Scan> {
  await using loaded = await loadedFor(ground, participants, { noTokens: true, dryRun: true })
  return await scanned(ground, loaded, rootsOf, { trust: 'nothing' })
}

/**
 * `keepScan` again and again. What it needs is loaded once, for as long as nobody switches anything; the database is open
 * during a scan only, so that it can be restored or removed between two.
 */
export class RepeatedScan implements AsyncDisposable {
  readonly #ground: MapGround
  readonly #participants: Participants
  readonly #wish: ScanWish
  readonly #rootsOf: RootsOf
  #loaded: Loaded | undefined
  #kept: Kept | undefined

  constructor(ground: MapGround, participants: Participants, wish: ScanWish, rootsOf: RootsOf) {
    ;[this.#ground, this.#participants, this.#wish, this.#rootsOf] = [ground, participants, wish, rootsOf]
  }

  /** `touched`: the absolute paths of all that may have changed since the time before, where somebody watched. */
  async next(touched?: ReadonlySet<string>): Promise<Scan> {
    using store = await storeFor(this.#ground, this.#wish.dryRun === true)
    const kept = this.#kept
    // What goes wrong now leaves it uncertain what the next time goes on from.
    this.#kept = undefined
    if (store !== undefined && kept !== undefined && store.holds(kept.snapshot))
      return await this.#scan(store, kept.snapshot, touched && { ...kept, touched })
    const trust = trustOf(this.#wish)
    return this.#wish.isBrief === true && store !== undefined
      ? await this.#scanInParts(store, trust)
      : await this.#scan(store, store?.snapshot(trust))
  }

  /** Reads only what is needed of the scan before. That holds for as long as no other program keeps one. */
  async #scanInParts(store: MapStore, trust: Trust): Promise<Scan> {
    const before = store.snapshot(trust, 'sparse')
    const isOvertaken = (): boolean => before.generation !== undefined && !store.holds(before)
    try {
      const done = await this.#scan(store, before)
      if (this.#wish.dryRun !== true || !isOvertaken()) return done
    } catch (thrown) {
      if (!isOvertaken()) throw thrown
    }
    return await this.#scan(store, store.snapshot(trust))
  }

  async #scan(store: MapStore | undefined, before: Snapshot | undefined, watched?: Watched): Promise<Scan> {
    const loaded = await this.#load()
    const carried = watched?.loaded === loaded ? watched.carried : undefined
    const done = await scanned(this.#ground, loaded, this.#rootsOf, {
      ...(store === undefined || before === undefined ? {} : { before, strandedPaths: store.strandedPaths }),
      ...(carried && watched && { since: { carried, touched: watched.touched } }),
      ...{ trust: trustOf(this.#wish), isFollowed: this.#wish.isFollowed === true, thread: this.#wish.thread },
    })
    if (this.#wish.dryRun === true || store === undefined) return done
    // What a plugin left open would keep this from being written.
    if (loaded.stores.areOpen) await this.forget()
    refuseEmpty(done, before, this.#wish)
    this.#kept = { snapshot: store.persist(done), carried: done.carried, loaded }
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
    if (held !== undefined && !isDeepStrictEqual(mapSwitches(this.#ground, held.config), held.switches))
      await this.forget()
    return (this.#loaded ??= await loadedFor(this.#ground, this.#participants, this.#wish))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.forget()
  }
}

/** What the next scan goes on from, and the extensions by which it was found. */
type Kept = { snapshot: Snapshot; carried: Scan['carried'] | undefined; loaded: Loaded }

/** The same, and what may have changed since. */
type Watched = Kept & { touched: ReadonlySet<string> }

/** The extensions of a scan, configured and with what they keep. */
type Loaded = ConfiguredExtensions & AsyncDisposable & { stores: PluginStores }

async function loadedFor(
  ground: MapGround,
  participants: Participants,
  { noTokens, strict = false, dryRun = false }: ScanWish,
): Promise<Loaded> {
  await using closing = new AsyncDisposableStack()
  const stores = closing.use(pluginStores(ground.world, ground.place.db, !dryRun))
  const said = { ...(noTokens ? { tokenize: false } : {}), ...(strict ? { strict: true } : {}) }
  const wish = { stores, strict, override: { scan: said } }
  const configured = closing.use(await configuredExtensions(ground, participants, wish))
  const kept = closing.move()
  return { ...configured, stores, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function scanned(
  { world, place, tell }: MapGround,
  { config, extensions, options }: ConfiguredExtensions,
  rootsOf: RootsOf,
  known: Pick<ScanOptions, 'before' | 'strandedPaths' | 'since' | 'isFollowed' | 'trust' | 'thread'>,
): Promise<Scan> {
  const done = await scan({
    ...{ roots: rootsOf(config, known.before), world, extensions },
    options: { ...known, ...options, scope: place.scope, onEvent: errorTeller(tell), heeds: ['extension.error'] },
  })
  for (const { pluginId, status, reason } of done.faults) tell.plugin(pluginId, status, reason)
  for (const [index, id] of config.providers.entries())
    if (!done.result.providers?.includes(id.slice(id.indexOf('/') + 1))) tell.setting(noProvider(id, index))
  return done
}

const noProvider = (id: string, index: number): Problem => ({
  ...{ pointer: `/providers/${index}`, code: 'CONFIG_INVALID' },
  message: `there is no Provider ${JSON.stringify(id)} that takes part`,
})

const trustOf = ({ changed, verify }: ScanWish): Trust => (changed ? (verify ? 'text' : 'stat') : 'nothing')

/** Tells what extensions did wrong, the same thing once. */
export function errorTeller(tell: MapTeller): (event: ScanEvent) => void {
  const told = new Set<string>()
  return ({ type, data }) => {
    if (type !== 'extension.error') return
    const { extensionId, kind, message } = data
    const what = JSON.stringify([extensionId, kind, message])
    if (!told.has(what)) tell.extension(extensionId, kind, message)
    told.add(what)
  }
}

/** A folder that was not there for a moment must not take with it what is kept of its files. */
function refuseEmpty({ result }: Scan, before: Snapshot | undefined, { allowEmpty }: ScanWish): void {
  const held = before?.nodes.size ?? 0
  if (allowEmpty || held === 0 || result.stats.nodesCount > 0) return
  throw new TenonError('SCAN_EMPTY', `nothing was found where ${held} nodes were before`, {
    hint: 'Look whether the folder is the right one; --allow-empty, or "allowEmpty" over HTTP, keeps the empty graph.',
    details: { roots: result.roots, held },
  })
}

/** Undefined for a dry run where there is no database, which it does not make. */
const storeFor = async (ground: MapGround, dryRun: boolean): Promise<MapStore | undefined> =>
  dryRun && !existsSync(ground.place.db) ? undefined : openMap(ground)
