import type { Link, Node } from '../../graph-schema.ts'
import type { FoundIssue, Rule } from '../../kernel/extension.ts'
import { nameOf, normalNameOf } from './name-of.ts'

/** Kinds that are invoked by their name. */
const INVOKED = ['command', 'skill', 'agent']

type Advertised = { trigger: string; literal: string; path: string }

/** A trigger that several nodes advertise, or that is written in ways which only their normal form makes the same. */
export const triggerCollision: Rule = {
  id: 'trigger-collision',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['trigger-collision'],
  defaultSeverity: 'error',
  dependsOn: { nodes: [['kind'], ['frontmatter', 'name']], links: true },
  evaluate: ({ nodes, links }) => {
    const ambiguous = ambiguousIn(nodes, links)
    if (ambiguous.size === 0) return []
    const claims = Map.groupBy(nodes.flatMap(advertisedBy), ({ trigger }) => trigger)
    const calls = Map.groupBy(links.filter(invokes(ambiguous)), triggerOf)
    return [...ambiguous]
      .toSorted()
      .map((trigger) => issueOf(trigger, claims.get(trigger) ?? [], calls.get(trigger) ?? []))
  },
}

function advertisedBy(node: Node): Advertised[] {
  if (!INVOKED.includes(node.kind)) return []
  const [literal] = nameOf(node)
  return normalNameOf(node).map((name) => ({ trigger: `/${name}`, literal: `/${literal}`, path: node.path }))
}

const invokes =
  (triggers: ReadonlySet<string>) =>
  (link: Link): boolean => {
    const trigger = triggerOf(link)
    return trigger !== undefined && triggers.has(trigger)
  }

const triggerOf = ({ trigger }: Link): string | undefined => trigger?.normalizedTrigger

/** The triggers with several advertisers, written in several ways, or otherwise than their one advertiser has it. */
function ambiguousIn(nodes: readonly Node[], links: readonly Link[]): Set<string> {
  const literals = new Map<string, string>()
  const ambiguous = new Set<string>()
  for (const { trigger, literal } of nodes.flatMap(advertisedBy))
    if (literals.has(trigger)) ambiguous.add(trigger)
    else literals.set(trigger, literal)
  for (const link of links) {
    const trigger = triggerOf(link)
    if (trigger === undefined) continue
    const literal = literals.get(trigger)
    if (literal === undefined) literals.set(trigger, link.target)
    else if (literal !== link.target) ambiguous.add(trigger)
  }
  return ambiguous
}

function issueOf(trigger: string, claims: readonly Advertised[], calls: readonly Link[]): FoundIssue {
  const advertiserPaths = sorted(claims.map(({ path }) => path))
  const invocationTargets = sorted(calls.map(({ target }) => target))
  return {
    ruleId: 'trigger-collision',
    nodeIds: sorted([...advertiserPaths, ...calls.map(({ source }) => source)]),
    message: `The trigger "${trigger}" is ambiguous: ${told(advertiserPaths, invocationTargets)}.`,
    data: { normalizedTrigger: trigger, invocationTargets, advertiserPaths },
  }
}

const told = (advertisers: readonly string[], targets: readonly string[]): string =>
  [
    ...(advertisers.length === 0 ? [] : [`advertised by ${advertisers.join(', ')}`]),
    ...(targets.length === 0 ? [] : [`written as ${targets.map((target) => JSON.stringify(target)).join(', ')}`]),
  ].join('; ')

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].toSorted()
