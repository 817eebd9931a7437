import { resolve } from 'node:path'
import { defined, limits, once, TenonError, type World } from '@tenon/contract'
import type { Issue, ScanResult, Scope } from '../graph-schema.ts'
import { secondThread, type SecondThread } from '../thread/second-thread.ts'
import { SCANNED_BY } from '../versions.ts'
import type { Carried, Since } from './carried.ts'
import { Collector, type Enrichment, type ExtractorRuns } from './collector.ts'
import { contributionsAfter } from './contributions-after.ts'
import type { ContributionsByPath } from './contributions.ts'
import { differenceFrom, type Difference } from './difference.ts'
import type { ScanEvent, Tell } from './events.ts'
import type { ExtensionSource } from './extension.ts'
import { fingerprints } from './fingerprints.ts'
import { gather } from './gather.ts'
import type { Gathered } from './gathering.ts'
import { connect, type LinkedGraph } from './graph.ts'
import { announcer, type Announce } from './hooks.ts'
import { judge } from './judge.ts'
import type { LoadFault } from './loaded-extension.ts'
import { extensionsReadBy, walks } from './provider-files.ts'
import { openRegistry, type Disabled, type Registry } from './registry.ts'
import { movedBetween, NOTHING_MOVED, orphan, type Moved, type Rename } from './renames.ts'
import type { Trust } from './reuse.ts'
import { ruleGraphs } from './rule-graph.ts'
import { settingsByPlugin, type ConfiguredSettings, type OpenedSecrets, type SettingsByPlugin } from './settings.ts'
import { NOTHING_BEFORE, type Knowledge, type Links, type Snapshot } from './snapshot.ts'

export type ScanOptions = {
  scope?: Scope
  /** False leaves the token counts out. */
  tokens?: boolean
  /** Makes the kernel's complaints about front matter errors. */
  strict?: boolean
  /** gitignore rules of the configuration. */
  ignore?: readonly string[]
  /** Files of more bytes than this are skipped. */
  maxFileBytes?: number
  disabled?: Partial<Disabled>
  /** The only Providers, in the order in which files are offered to them; every one when absent or empty. */
  providers?: readonly string[]
  settings?: ConfiguredSettings
  secrets?: OpenedSecrets
  /** The scan before, of which nodes may live on under other paths, and of which what still holds need not be found anew. */
  before?: Snapshot
  trust?: Trust
  /** Whether a scan in the same process is to go on from this one. */
  isFollowed?: boolean
  /** What this one goes on from, of the same roots by the same extensions. */
  since?: Since
  /** The paths that something is kept about and that are not among the live ones. */
  strandedPaths?: (live: { has(path: string): boolean }) => string[]
  onEvent?: (event: ScanEvent) => void
  /** The only types of events that are heeded; every one when absent. */
  heeds?: readonly ScanEvent['type'][]
  /** Helps, and stays with who gave it; else one begins where that pays. */
  thread?: SecondThread | undefined
}

export type ScanRequest = {
  /** Folders, against the world's working directory. Paths of nodes are relative to their root. */
  roots: readonly string[]
  world: World
  extensions: readonly ExtensionSource[]
  options?: ScanOptions
}

/** The graph, and what is kept beside it. */
export type Scan = {
  /** Its nodes and links are read when they are asked for, where the scan before is read so. */
  result: ScanResult
  /** The same object for as long as no link is another. */
  links: Links
  /** What is said of nodes now, in this scan or before it. */
  contributions: ContributionsByPath
  /** By the paths of nodes. */
  extractorRuns: ReadonlyMap<string, ExtractorRuns>
  enrichments: Enrichment[]
  /** Nodes that live on under another path than in the scan before. */
  renames: Rename[]
  knowledge: Knowledge
  /** Where it is to be gone on from. */
  carried?: Carried
  /** What this scan went on from, where it did. */
  basis?: Basis
  /** Whether an extractor, by its key, did not look at a node again, so that what it said before still holds. */
  cached: (nodePath: string, extractorKey: string) => boolean
  /** Whether Providers read files of this extension, with its dot, in lower case. */
  reads: (extension: string) => boolean
  /** Plugins that took no part. */
  faults: LoadFault[]
}

/** The scan before, and all in which this one differs from it: of what did not change, both hold the same objects. */
export type Basis = {
  snapshot: Snapshot
  difference: Difference
  /** What is said of nodes of which something else was said before. */
  contributions: ContributionsByPath
}

/** Walks the roots once, lets Providers claim the files, extractors link them and rules judge the graph. */
export async function runScan({ roots, world, extensions, options = {} }: ScanRequest): Promise<Scan> {
  if (roots.length === 0) throw new TenonError('SCAN_FAILED', 'there is no root to scan', { hint: 'Name a folder.' })
  const [scannedAt, begun] = [world.now(), world.monotonic()]
  const tell = teller(world, options)
  const { keys = [], kinds = [] } = options.disabled ?? {}
  const registry = openRegistry(extensions, { keys, kinds }, options.providers)
  const settings = settingsByPlugin(
    extensions,
    defined({ configured: options.settings, secrets: options.secrets, env: world.env }),
    tell,
  )
  const announce = announcer({ hooks: registry.hooks, settings, tell, now: () => world.now() })
  await announce('scan.started', { roots: [...roots] })
  const before = beforeOf(options, world, roots)
  const { run, gathered } = await gatheredBeside(
    { registry, settings, announce },
    { roots, world, options, before, tell },
  )
  const { orphanSidecars, walked, knowledge, held, listings, drafts } = gathered
  const basis = (options.trust ?? 'nothing') === 'nothing' ? undefined : before
  const linked = connect(registry.providers, basis, gathered)
  for (const { key } of registry.extractors) await announce('extractor.completed', { extractorId: key })
  const moved = linked.isInOrder ? NOTHING_MOVED : movedBetween(before.nodes, linked)
  const difference = basis && differenceFrom(basis, linked, gathered)
  const judgement = await judge({
    ...{ ...run, rules: registry.rules, linked },
    graphs: ruleGraphs({ registry, linked, orphanSidecars, held: before.contributions, renames: moved.renames }),
    extractorKeys: new Set(registry.extractors.map(({ key }) => key)),
    before: difference && gathered.isSame ? { judged: before.knowledge.judged, difference } : undefined,
  })
  const issues = [...judgement.issues, ...linked.issues, ...moved.issues, ...stranded(linked, moved, options)]
  const stats = {
    filesWalked: walked,
    filesSkipped: walked - linked.count,
    nodesCount: linked.count,
    linksCount: linked.links.count,
    issuesCount: issues.length,
    durationMs: Math.round(world.monotonic() - begun),
  }
  await announce('scan.completed', { stats })
  const contributions = contributionsAfter(
    basis?.contributions ?? NOTHING_BEFORE.contributions,
    run.collector.contributions.byPath(),
    { registry, gathered, linked, affected: judgement.affected, difference },
  )
  return {
    result: resultOf(linked, {
      ...{ schemaVersion: 1, scannedAt, scannedBy: SCANNED_BY, scope: options.scope ?? 'project', roots: [...roots] },
      providers: registry.providers.map(({ manifest }) => manifest.id),
      ...{ issues, stats },
    }),
    links: linked.links,
    get contributions() {
      return contributions.all()
    },
    enrichments: [...run.collector.enrichments.values()],
    extractorRuns: drafts,
    renames: moved.renames,
    knowledge: { ...knowledge, judged: judgement.judged },
    cached: (nodePath, key) => held.get(nodePath)?.lookedAtBy.has(key) ?? false,
    ...(options.isFollowed && { carried: { listings, drafts } }),
    ...(difference && { basis: { snapshot: before, difference, contributions: contributions.changed } }),
    reads: readerOf(registry),
    faults: registry.faults,
  }
}

type Gathering = Required<Pick<ScanRequest, 'roots' | 'world' | 'options'>> & { before: Snapshot; tell: Tell }

/** Gathers what is in the roots, beside a second thread. */
async function gatheredBeside(
  asked: Omit<Run, 'collector'>,
  { roots, world, options, before, tell }: Gathering,
): Promise<{ run: Run; gathered: Gathered }> {
  await using own = secondThread(options.tokens ?? true)
  const thread = options.thread ?? own
  // Who trusts nothing need not read what was said before.
  const said = (options.trust ?? 'nothing') === 'nothing' ? NOTHING_BEFORE.contributions : before.contributions
  const run = { ...asked, collector: new Collector(tell, said) }
  const gathered = await gather(roots, {
    ...{ ...run, world, tell, thread, isHeeded: isHeeded(options, 'scan.progress') },
    ...gatheringOf(run, options, before),
  })
  return { run, gathered }
}

function resultOf(linked: LinkedGraph, rest: Omit<ScanResult, 'nodes' | 'links'>): ScanResult {
  const { issues, stats, ...head } = rest
  const [nodes, listed] = [once(() => linked.paths.map(linked.nodeAt)), once(() => [...linked.links.all()])]
  return {
    ...head,
    get nodes() {
      return nodes()
    },
    get links() {
      return listed()
    },
    ...{ issues, stats },
  }
}

function readerOf({ providers }: Registry): Scan['reads'] {
  const extensions = extensionsReadBy(providers)
  const isAny = providers.some(walks)
  return (extension) => isAny || extensions.has(extension)
}

/** Paths below one folder say nothing about paths below another. */
function beforeOf({ before }: ScanOptions, { cwd }: World, roots: readonly string[]): Snapshot {
  const placesOf = (folders: readonly string[]): string => JSON.stringify(folders.map((folder) => resolve(cwd, folder)))
  return before !== undefined && placesOf(before.roots) === placesOf(roots) ? before : NOTHING_BEFORE
}

type Run = { registry: Registry; settings: SettingsByPlugin; collector: Collector; announce: Announce }

const teller =
  (world: World, options: ScanOptions): Tell =>
  (type, data) => {
    if (isHeeded(options, type)) options.onEvent?.({ type, timestamp: world.now(), data } as ScanEvent)
  }

const isHeeded = ({ onEvent, heeds }: ScanOptions, type: ScanEvent['type']): boolean =>
  onEvent !== undefined && heeds?.includes(type) !== false

function gatheringOf({ registry, settings }: Run, options: ScanOptions, before: Snapshot) {
  const { tokens = true, strict = false, ignore = [], maxFileBytes = limits.mapFileBytes, trust = 'nothing' } = options
  const { providers = [], since } = options
  return {
    inputs: fingerprints(registry, settings, { tokens, strict, maxFileBytes, providers }),
    options: { tokens, strict, ignore, maxFileBytes, before, trust, since },
  }
}

/** Orphans of which something is kept since an earlier scan. */
function stranded(linked: LinkedGraph, { renames, issues }: Moved, { strandedPaths }: ScanOptions): Issue[] {
  const renamed = new Set(renames.map(({ from }) => from))
  const told = new Set(issues.flatMap(({ ruleId, nodeIds }) => (ruleId === 'orphan' ? nodeIds : [])))
  return (strandedPaths?.({ has: (path) => linked.has(path) || renamed.has(path) }) ?? [])
    .filter((path) => !told.has(path))
    .map(orphan)
}
