import { resolve } from 'node:path'
import { defined, limits, TenonError, type JsonObject, type World } from '@tenon/contract'
import type { Issue, Node, ScanResult, Scope } from '../graph-schema.ts'
import { secondThread } from '../thread/second-thread.ts'
import { SCANNED_BY } from '../versions.ts'
import type { Carried, Since } from './carried.ts'
import { Collector, type Enrichment, type ExtractorRuns } from './collector.ts'
import { Contributions, type Contribution } from './contributions.ts'
import { deepFrozen } from './deep-frozen.ts'
import type { Finished } from './draft.ts'
import type { ScanEvent, Tell } from './events.ts'
import type { ExtensionSource } from './extension.ts'
import { fingerprints } from './fingerprints.ts'
import { gather, type Gathered } from './gather.ts'
import { connect } from './graph.ts'
import { announcer, type Announce } from './hooks.ts'
import type { Graph, HeldContribution } from './inputs.ts'
import { judge } from './judge.ts'
import { lookAhead, NO_LOOKS } from './look-ahead.ts'
import type { LoadedExtractor, LoadFault } from './loaded-extension.ts'
import { extensionsReadBy, walks } from './provider-files.ts'
import { openRegistry, type Disabled, type Registry } from './registry.ts'
import { movedBetween, orphan, type Moved, type Rename } from './renames.ts'
import type { Trust } from './reuse.ts'
import { settingsByPlugin, type ConfiguredSettings, type OpenedSecrets, type SettingsByPlugin } from './settings.ts'
import { NOTHING_BEFORE, type Knowledge, type Snapshot } from './snapshot.ts'

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
  strandedPaths?: (live: ReadonlySet<string>) => string[]
  onEvent?: (event: ScanEvent) => void
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
  result: ScanResult
  contributions: readonly Contribution[]
  extractorRuns: ExtractorRuns[]
  enrichments: Enrichment[]
  /** Nodes that live on under another path than in the scan before. */
  renames: Rename[]
  knowledge: Knowledge
  /** Where it is to be gone on from. */
  carried?: Carried
  /** The scan before, where this one went on from it: of what did not change, both hold the same objects. */
  basis?: Snapshot
  /** Whether an extractor, by its key, did not look at a node again, so that what it said before still holds. */
  cached: (nodePath: string, extractorKey: string) => boolean
  /** Whether Providers read files of this extension, with its dot, in lower case. */
  reads: (extension: string) => boolean
  /** Plugins that took no part. */
  faults: LoadFault[]
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
  const { orphanSidecars, walked, knowledge, held, since } = gathered
  const drafts = [...gathered.drafts.values()]
  const linked = connect(drafts, registry.providers, since?.carried.linked)
  const { nodes, links } = linked
  for (const { key } of registry.extractors) await announce('extractor.completed', { extractorId: key })
  const moved = movedBetween(before.nodes, nodes)
  const graph = graphOf(run, { nodes, links, orphanSidecars }, heldAfter(before, moved))
  const extractorKeys = new Set(registry.extractors.map(({ key }) => key))
  const judged = await judge(graph, {
    ...{ ...run, rules: registry.rules, extractorKeys, before: since?.carried.judgements },
  })
  const issues = [...judged.issues, ...linked.issues, ...moved.issues, ...stranded(nodes, moved, options)]
  const stats = {
    filesWalked: walked,
    filesSkipped: walked - nodes.length,
    nodesCount: nodes.length,
    linksCount: links.length,
    issuesCount: issues.length,
    durationMs: Math.round(world.monotonic() - begun),
  }
  await announce('scan.completed', { stats })
  const cached: Scan['cached'] = (nodePath, key) => held.get(nodePath)?.has(key) ?? false
  return {
    result: {
      ...{ schemaVersion: 1, scannedAt, scannedBy: SCANNED_BY, scope: options.scope ?? 'project', roots: [...roots] },
      providers: registry.providers.map(({ manifest }) => manifest.id),
      ...{ nodes, links, issues, stats },
    },
    contributions: contributionsAfter(before.contributions, run, gathered),
    enrichments: [...run.collector.enrichments.values()],
    extractorRuns: drafts.map(runsOf),
    renames: moved.renames,
    ...{ knowledge, cached },
    ...(options.isFollowed && { carried: { ...foundIn(gathered), linked, judgements: judged.judgements } }),
    ...((options.trust ?? 'nothing') === 'nothing' ? {} : { basis: before }),
    reads: readerOf(registry),
    faults: registry.faults,
  }
}

type Gathering = Required<Pick<ScanRequest, 'roots' | 'world' | 'options'>> & { before: Snapshot; tell: Tell }

/** Begins to look at the roots in a second thread before what is held of the scan before is read, and gathers what is in them. */
async function gatheredBeside(
  asked: Omit<Run, 'collector'>,
  { roots, world, options, before, tell }: Gathering,
): Promise<{ run: Run; gathered: Gathered }> {
  const { tokens = true, ignore = [], isFollowed = false } = options
  const { providers } = asked.registry
  await using thread = secondThread(tokens)
  // What a watch goes on from are its own lists of folders.
  const looks = isFollowed ? NO_LOOKS : lookAhead(thread, { roots, cwd: world.cwd, providers, ignore, before })
  const run = { ...asked, collector: new Collector(tell, Contributions.of(before.contributions)) }
  const gathered = await gather(roots, { ...run, world, tell, thread, looks, ...gatheringOf(run, options, before) })
  return { run, gathered }
}

/** What was said in this scan, and what was said before by those that did not look again. */
function contributionsAfter(
  before: readonly Contribution[],
  { registry, collector: { contributions } }: Run,
  { held, since }: Gathered,
): readonly Contribution[] {
  const said = Contributions.of(before)
  for (const named of said.each()) {
    const [first] = named.values()
    const isOf = ({ plugin, manifest: { id } }: LoadedExtractor) =>
      first?.pluginId === plugin.id && first.extensionId === id
    const extractor = registry.extractors.find(isOf)
    if (first === undefined || extractor === undefined) continue
    const now = contributions.named(first)
    for (const [path, one] of named) if (held.get(path)?.has(extractor.key)) now.set(path, one)
  }
  return since !== undefined && contributions.saysTheSameAs(said) ? before : contributions.all()
}

const runsOf = ({ node: { path: nodePath, bodyHash }, lookedAtBy: extractorIds }: Finished): ExtractorRuns => ({
  ...{ nodePath, bodyHash, extractorIds },
})

const foundIn = ({ listings, drafts }: Gathered): Pick<Carried, 'listings' | 'drafts'> => ({ listings, drafts })

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
  (world: World, { onEvent }: ScanOptions): Tell =>
  (type, data) =>
    onEvent?.({ type, timestamp: world.now(), data } as ScanEvent)

function gatheringOf({ registry, settings }: Run, options: ScanOptions, before: Snapshot) {
  const { tokens = true, strict = false, ignore = [], maxFileBytes = limits.mapFileBytes, trust = 'nothing' } = options
  const { providers = [], since } = options
  return {
    inputs: fingerprints(registry, settings, { tokens, strict, maxFileBytes, providers }),
    options: { tokens, strict, ignore, maxFileBytes, before, trust, since },
  }
}

/** What was kept for nodes, under the paths that they have now. */
function heldAfter({ contributions }: Snapshot, { renames }: Moved): readonly HeldContribution[] {
  if (renames.length === 0) return contributions
  const paths = new Map(renames.map(({ from, to }) => [from, to]))
  return contributions.map((held) => ({ ...held, nodePath: paths.get(held.nodePath) ?? held.nodePath }))
}

/** Orphans of which something is kept since an earlier scan. */
function stranded(nodes: readonly Node[], { renames, issues }: Moved, { strandedPaths }: ScanOptions): Issue[] {
  const live = new Set([...nodes.map(({ path }) => path), ...renames.map(({ from }) => from)])
  const told = new Set(issues.flatMap(({ ruleId, nodeIds }) => (ruleId === 'orphan' ? nodeIds : [])))
  return (strandedPaths?.(live) ?? []).filter((path) => !told.has(path)).map(orphan)
}

type Connected = Pick<Graph, 'nodes' | 'links' | 'orphanSidecars'>

const graphOf = ({ registry }: Run, connected: Connected, heldContributions: readonly HeldContribution[]): Graph =>
  deepFrozen({
    ...connected,
    sidecarRoots: sidecarRoots(connected.nodes),
    annotationContributions: registry.annotationKeys,
    viewContributions: registry.viewContributions,
    heldContributions,
  })

const sidecarRoots = (nodes: readonly Node[]): Record<string, JsonObject> =>
  Object.fromEntries(nodes.flatMap(({ path, sidecar }) => (sidecar?.root ? [[path, sidecar.root as JsonObject]] : [])))
