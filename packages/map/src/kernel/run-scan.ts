import { resolve } from 'node:path'
import { limits, TenonError, type JsonObject, type World } from '@tenon/contract'
import { walk, type FoundFile, type OrphanSidecar } from '../files/walk.ts'
import type { Issue, Node, ScanResult, Scope } from '../graph-schema.ts'
import { loadTokenCounter } from '../text/tokens.ts'
import { SPEC_VERSION } from '../versions.ts'
import { applyRule } from './apply-rules.ts'
import { claimFiles, extensionsOf } from './claim.ts'
import { Collector, type Contribution, type Enrichment, type ExtractorRun } from './collector.ts'
import { deepFrozen } from './deep-frozen.ts'
import { draftOf, type DraftOptions } from './draft.ts'
import type { ScanEvent, Tell } from './events.ts'
import type { ExtensionSource } from './extension.ts'
import type { Graph, HeldContribution } from './inputs.ts'
import { extractFrom } from './extract.ts'
import { connect, type UnlinkedNode } from './graph.ts'
import { announcer, type Announce } from './hooks.ts'
import { readFiles, type ReadFile } from './read-files.ts'
import type { LoadFault } from './loaded-extension.ts'
import { openRegistry, type Disabled, type Registry } from './registry.ts'
import { settingsByPlugin, type ConfiguredSettings, type SettingsByPlugin } from './settings.ts'

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
  settings?: ConfiguredSettings
  /** What the scan before kept for nodes. */
  heldContributions?: readonly HeldContribution[]
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
  contributions: Contribution[]
  extractorRuns: ExtractorRun[]
  enrichments: Enrichment[]
  /** Plugins that took no part. */
  faults: LoadFault[]
}

const SCANNED_BY = { name: 'tenon', version: '0.1.0', specVersion: SPEC_VERSION }

/** Walks the roots once, lets Providers claim the files, extractors link them and rules judge the graph. */
export async function runScan({ roots, world, extensions, options = {} }: ScanRequest): Promise<Scan> {
  if (roots.length === 0) throw new TenonError('SCAN_FAILED', 'there is no root to scan', { hint: 'Name a folder.' })
  const [scannedAt, begun] = [world.now(), world.monotonic()]
  const tell = teller(world, options)
  const { keys = [], kinds = [] } = options.disabled ?? {}
  const registry = openRegistry(extensions, { keys, kinds })
  const settings = settingsByPlugin(extensions, options.settings ?? {}, world.env, tell)
  const announce = announcer({ hooks: registry.hooks, settings, tell, now: () => world.now() })
  await announce('scan.started', { roots: [...roots] })
  const run: Run = {
    registry,
    settings,
    collector: new Collector(tell),
    tell,
    announce,
    nodes: new Map(),
    orphanSidecars: [],
    walked: 0,
    maxFileBytes: options.maxFileBytes ?? limits.mapFileBytes,
  }
  for (const root of roots) await scanRoot(run, resolve(world.cwd, root), options)
  const connected = connect([...run.nodes.values()], registry.providers)
  for (const { key } of registry.extractors) await announce('extractor.completed', { extractorId: key })
  const graph = deepFrozen({
    ...{ nodes: connected.nodes, links: connected.links, orphanSidecars: run.orphanSidecars },
    sidecarRoots: sidecarRoots(connected.nodes),
    annotationContributions: registry.annotationKeys,
    viewContributions: registry.viewContributions,
    heldContributions: options.heldContributions ?? [],
  })
  const issues = [...(await judge(run, graph)), ...connected.issues]
  const stats = {
    filesWalked: run.walked,
    filesSkipped: run.walked - graph.nodes.length,
    nodesCount: graph.nodes.length,
    linksCount: graph.links.length,
    issuesCount: issues.length,
    durationMs: Math.round(world.monotonic() - begun),
  }
  await announce('scan.completed', { stats })
  return {
    result: {
      schemaVersion: 1,
      scannedAt,
      scannedBy: SCANNED_BY,
      scope: options.scope ?? 'project',
      roots: [...roots],
      providers: registry.providers.map(({ manifest }) => manifest.id),
      nodes: graph.nodes,
      links: graph.links,
      issues,
      stats,
    },
    contributions: [...run.collector.contributions.values()],
    extractorRuns: run.collector.runs,
    enrichments: [...run.collector.enrichments.values()],
    faults: registry.faults,
  }
}

type Run = {
  registry: Registry
  settings: SettingsByPlugin
  collector: Collector
  tell: Tell
  announce: Announce
  nodes: Map<string, UnlinkedNode>
  orphanSidecars: OrphanSidecar[]
  walked: number
  maxFileBytes: number
}

const teller =
  (world: World, { onEvent }: ScanOptions): Tell =>
  (type, data) =>
    onEvent?.({ type, timestamp: world.now(), data } as ScanEvent)

async function scanRoot(run: Run, root: string, options: ScanOptions): Promise<void> {
  const { files: found, orphanSidecars } = await walk(root, {
    extensions: new Set(run.registry.providers.flatMap(extensionsOf)),
    ignore: options.ignore ?? [],
    onUnreadable: (path) => run.tell('scan.skipped', { path, reason: 'unreadable' }),
  })
  run.walked += found.length
  run.orphanSidecars.push(...orphanSidecars)
  const countTokens = options.tokens === false || found.length === 0 ? undefined : await loadTokenCounter()
  const draftOptions: DraftOptions = { countTokens, severity: options.strict === true ? 'error' : 'warn' }
  // Bodies are held for one batch only, so that memory does not grow with the tree.
  for (let from = 0; from < found.length; from += limits.mapBatchFiles)
    await scanBatch(run, found.slice(from, from + limits.mapBatchFiles), draftOptions)
}

async function scanBatch(run: Run, found: readonly FoundFile[], options: DraftOptions): Promise<void> {
  const { registry, settings, collector, tell, nodes } = run
  const claims = await claimFiles(registry.providers, await readable(run, found), run)
  const drafts = claims.map((claim) => draftOf(claim, options))
  for (const extractor of registry.extractors) {
    const values = settings.get(extractor.plugin.id)
    if (values !== undefined) await extractFrom(drafts, extractor, values, collector)
  }
  for (const { input, ...draft } of drafts) {
    const { path, kind } = input.node
    tell('scan.progress', { index: nodes.size, path, kind })
    nodes.set(path, { node: input.node, ...draft })
  }
}

/** The files of a batch that can be read and whose path no earlier root has brought. */
async function readable(run: Run, found: readonly FoundFile[]): Promise<ReadFile[]> {
  const free = found.filter(({ path }) => {
    const taken = run.nodes.has(path)
    if (taken) run.tell('scan.skipped', { path, reason: 'path-taken' })
    return !taken
  })
  const files = await readFiles(free, run.maxFileBytes)
  return files.filter((file) => {
    if (file.skipped !== undefined) run.tell('scan.skipped', { path: file.path, reason: file.skipped })
    return file.skipped === undefined
  })
}

const sidecarRoots = (nodes: readonly Node[]): Record<string, JsonObject> =>
  Object.fromEntries(nodes.flatMap(({ path, sidecar }) => (sidecar?.root ? [[path, sidecar.root as JsonObject]] : [])))

async function judge({ registry, settings, collector, announce }: Run, graph: Graph): Promise<Issue[]> {
  const issues: Issue[] = []
  for (const rule of registry.rules) {
    const values = settings.get(rule.plugin.id)
    // Rules that ask a model are jobs, never part of a scan.
    if (values === undefined || rule.manifest.mode === 'probabilistic') continue
    issues.push(...(await applyRule(rule, graph, values, collector)))
    await announce('rule.completed', { ruleId: rule.key })
  }
  return issues
}
