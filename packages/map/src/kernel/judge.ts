import { type JsonObject, once } from '@tenon/contract'
import type { Issue } from '../graph-schema.ts'
import { answerFrom } from './answers.ts'
import { affectedBy, type Affected } from './affected.ts'
import type { Collector } from './collector.ts'
import type { Difference } from './difference.ts'
import type { Announce } from './hooks.ts'
import type { LinkedGraph } from './graph.ts'
import type { Graph } from './inputs.ts'
import type { LoadedRule } from './loaded-extension.ts'
import type { RuleGraphs } from './rule-graph.ts'
import type { SettingsByPlugin } from './settings.ts'

/** What rules found before, by their keys, and how the graph differs from the one that they judged. */
export type JudgedBefore = { judged: ReadonlyMap<string, readonly Issue[]>; difference: Difference }

type Judging = {
  rules: readonly LoadedRule[]
  settings: SettingsByPlugin
  collector: Collector
  announce: Announce
  linked: Pick<LinkedGraph, 'paths' | 'has'>
  graphs: RuleGraphs
  /** Keys of extractors: what a rule of the same key shows cannot be told from what they show. */
  extractorKeys: ReadonlySet<string>
  /** That of the scan before, where the same rules judged by the same settings. */
  before: JudgedBefore | undefined
}

export type Judgement = {
  issues: Issue[]
  /** What each rule found, by its key, but for those of which something was dropped. */
  judged: ReadonlyMap<string, readonly Issue[]>
  /** The paths of which rules judged, by their keys. */
  affected: ReadonlyMap<string, Affected>
}

/** Lets every rule judge the graph, each as far as anything that it depends on is not what it was. */
export async function judge(judging: Judging): Promise<Judgement> {
  const { rules, settings, announce } = judging
  const [judged, affected] = [new Map<string, readonly Issue[]>(), new Map<string, Affected>()]
  const placeOf = placesOf(judging.linked)
  const issues: Issue[] = []
  for (const rule of rules) {
    const values = settings.get(rule.plugin.id)
    // Rules that ask a model are jobs, never part of a scan.
    if (values === undefined || rule.manifest.mode === 'probabilistic') continue
    const { found, of, isWhole } = await judgedBy(rule, values, judging)
    const ordered = rule.dependsOn?.each === true ? found.toSorted(byPlace(placeOf)) : found
    issues.push(...ordered)
    affected.set(rule.key, of)
    if (isWhole) judged.set(rule.key, ordered)
    await announce('rule.completed', { ruleId: rule.key })
  }
  return { issues, judged, affected }
}

function affectedIn({ key, dependsOn }: LoadedRule, { before, extractorKeys }: Judging): Affected {
  if (dependsOn === undefined || before === undefined || extractorKeys.has(key)) return 'all'
  return before.judged.has(key) ? affectedBy(before.difference, dependsOn) : 'all'
}

/** What a rule found, of which paths it was asked, and whether nothing of it was dropped. */
type Found = { found: Issue[]; of: Affected; isWhole: boolean }

/** Only where nothing is dropped can findings be put together; else the rule is asked about all. */
async function judgedBy(
  rule: LoadedRule,
  settings: JsonObject,
  judging: Judging,
  of = affectedIn(rule, judging),
): Promise<Found> {
  const { collector } = judging
  const { faults } = collector
  const found = await findingsOf(rule, settings, of, judging)
  const isWhole = collector.faults === faults
  return isWhole || of === 'all' ? { found, of, isWhole } : await judgedBy(rule, settings, judging, 'all')
}

async function findingsOf(
  rule: LoadedRule,
  settings: JsonObject,
  affected: Affected,
  { graphs, collector, before, linked }: Judging,
): Promise<Issue[]> {
  if (affected === 'all') return await applyRule(rule, graphs.whole, settings, { collector, linked })
  const isAffected = ({ nodeIds: [about = ''] }: Issue): boolean => affected.has(about)
  const held = (before?.judged.get(rule.key) ?? []).filter((issue) => !isAffected(issue))
  if (affected.size === 0) return held
  const found = await applyRule(rule, graphs.of(affected), settings, { collector, linked })
  return [...held, ...found.filter(isAffected)]
}

/** Runs a rule over a graph and gives the issues that hold. */
async function applyRule(
  rule: LoadedRule,
  graph: Graph,
  settings: JsonObject,
  { collector, linked }: Pick<Judging, 'collector' | 'linked'>,
): Promise<Issue[]> {
  const { value, failure } = await answerFrom(() => rule.run(graph, settings))
  if (failure !== undefined) {
    collector.error(rule, 'threw', failure)
    return []
  }
  const { issues, contributions } = collector.findings(rule, value)
  for (const { nodePath, id, payload } of contributions)
    if (linked.has(nodePath)) collector.contribution(rule, nodePath, id, payload)
    else collector.drop(rule, `there is no node "${nodePath}"`, nodePath)
  return issues.flatMap((issue) => collector.issue(rule, issue))
}

/** Where the nodes stand in the graph; what is no node comes after them. */
function placesOf(linked: Pick<LinkedGraph, 'paths'>): (path: string) => number {
  const places = once(() => new Map(linked.paths.map((path, at) => [path, at])))
  return (path) => places().get(path) ?? places().size
}

/** However many nodes were judged at once, the order of issues is one. */
const byPlace =
  (placeOf: (path: string) => number) =>
  ({ nodeIds: [one = ''] }: Issue, { nodeIds: [other = ''] }: Issue): number =>
    placeOf(one) - placeOf(other) || (one < other ? -1 : Number(one > other))
