import type { JsonObject } from '@tenon/contract'
import type { Issue } from '../graph-schema.ts'
import { answerFrom } from './answers.ts'
import type { Collector } from './collector.ts'
import type { Named, Said } from './contributions.ts'
import type { Announce } from './hooks.ts'
import { sameItems } from './same-items.ts'
import type { Graph } from './inputs.ts'
import type { LoadedRule } from './loaded-extension.ts'
import type { SettingsByPlugin } from './settings.ts'

/** What a rule found, and all that this depended on. */
type Judgement = {
  dependedOn: readonly unknown[]
  issues: readonly Issue[]
  shown: readonly (readonly [Said, Named])[]
}

/** By the keys of rules. */
export type Judgements = ReadonlyMap<string, Judgement>

type Judging = {
  rules: readonly LoadedRule[]
  settings: SettingsByPlugin
  collector: Collector
  announce: Announce
  /** Keys of extractors: what a rule of the same key shows cannot be told from what they show. */
  extractorKeys: ReadonlySet<string>
  /** Those of the scan before, where the same rules judged by the same settings. */
  before: Judgements | undefined
}

/** Lets every rule judge the graph, but for those that depend on nothing that changed. */
export async function judge(
  graph: Graph,
  { rules, settings, collector, announce, extractorKeys, before }: Judging,
): Promise<{ issues: Issue[]; judgements: Judgements }> {
  const paths = new Set(graph.nodes.map(({ path }) => path))
  const issues: Issue[] = []
  const judgements = new Map<string, Judgement>()
  for (const rule of rules) {
    const values = settings.get(rule.plugin.id)
    // Rules that ask a model are jobs, never part of a scan.
    if (values === undefined || rule.manifest.mode === 'probabilistic') continue
    const { dependsOn, ...asked } = rule
    const judged = { graph, paths, settings: values }
    const canBeHeld = dependsOn !== undefined && !extractorKeys.has(rule.key)
    const judgement = await judgementOf(canBeHeld ? rule : asked, judged, collector, before?.get(rule.key))
    issues.push(...judgement.issues)
    if ('dependedOn' in judgement) judgements.set(rule.key, judgement)
    await announce('rule.completed', { ruleId: rule.key })
  }
  return { issues, judgements }
}

/** What a rule judges, the paths of the nodes in it, and the settings by which it does. */
type Judged = { graph: Graph; paths: ReadonlySet<string>; settings: JsonObject }

/** Only what was found without a fault can be found again without looking. */
async function judgementOf(
  rule: LoadedRule,
  judged: Judged,
  collector: Collector,
  before: Judgement | undefined,
): Promise<Judgement | Pick<Judgement, 'issues'>> {
  const { dependsOn } = rule
  const { value } = dependsOn === undefined ? {} : await answerFrom(async () => ({ value: dependsOn(judged.graph) }))
  const dependedOn = Array.isArray(value) ? value : undefined
  const isAsBefore = before !== undefined && dependedOn !== undefined && sameItems(before.dependedOn, dependedOn)
  if (isAsBefore && isStillThere(before, judged.paths)) {
    for (const [said, named] of before.shown) collector.contributions.adopt(said, named)
    return before
  }
  const { faults } = collector
  const issues = await applyRule(rule, judged, collector)
  if (dependedOn === undefined || collector.faults > faults) return { issues }
  return { dependedOn, issues, shown: shownBy(rule, collector) }
}

/** A node that is gone takes with it what is shown of it, whatever a rule says that it depends on. */
const isStillThere = ({ shown }: Judgement, paths: ReadonlySet<string>): boolean =>
  shown.every(([, named]) => named.keys().every((path) => paths.has(path)))

function shownBy({ plugin, manifest }: LoadedRule, { contributions }: Collector): [Said, Named][] {
  const said = Object.keys(manifest.viewContributions ?? {}).map((contributionId) => ({
    ...{ pluginId: plugin.id, extensionId: manifest.id, contributionId },
  }))
  return said.map((one) => [one, contributions.named(one)])
}

/** Runs a rule over the whole graph and gives the issues that hold. */
async function applyRule(rule: LoadedRule, judged: Judged, collector: Collector): Promise<Issue[]> {
  const { graph, paths, settings } = judged
  const { value, failure } = await answerFrom(() => rule.run(graph, settings))
  if (failure !== undefined) {
    collector.error(rule, 'threw', failure)
    return []
  }
  const { issues, contributions } = collector.findings(rule, value)
  for (const { nodePath, id, payload } of contributions)
    if (paths.has(nodePath)) collector.contribution(rule, nodePath, id, payload)
    else collector.drop(rule, `there is no node "${nodePath}"`, nodePath)
  return issues.flatMap((issue) => collector.issue(rule, issue))
}
