import type { JsonObject } from '@tenon/contract'
import type { Issue } from '../graph-schema.ts'
import type { Collector } from './collector.ts'
import type { Graph } from './inputs.ts'
import { answerFrom } from './answers.ts'
import type { LoadedRule } from './loaded-extension.ts'

/** Runs a rule over the whole graph and gives the issues that hold. */
export async function applyRule(
  rule: LoadedRule,
  graph: Graph,
  settings: JsonObject,
  collector: Collector,
): Promise<Issue[]> {
  const paths = new Set(graph.nodes.map(({ path }) => path))
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
