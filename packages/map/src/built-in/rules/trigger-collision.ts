import type { Link, Node } from '../../graph-schema.ts'
import type { Rule } from '../../kernel/extension.ts'
import { normalizeTrigger } from '../../text/trigger.ts'
import { nameOf } from './name-of.ts'

/** Kinds that are invoked by their name. */
const INVOKED = ['command', 'skill', 'agent']

type Advertised = { trigger: string; literal: string; path: string }
type Invoked = { trigger: string; target: string; source: string }

/** A trigger that several nodes advertise, or that is written in ways which only their normal form makes the same. */
export const triggerCollision: Rule = {
  id: 'trigger-collision',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['trigger-collision'],
  defaultSeverity: 'error',
  evaluate: ({ nodes, links }) => {
    const advertised = Map.groupBy(nodes.flatMap(advertisedBy), ({ trigger }) => trigger)
    const invoked = Map.groupBy(links.flatMap(invokedBy), ({ trigger }) => trigger)
    const triggers = new Set([...advertised.keys(), ...invoked.keys()])
    return [...triggers].toSorted().flatMap((trigger) => {
      const [claims, calls] = [advertised.get(trigger) ?? [], invoked.get(trigger) ?? []]
      if (!isAmbiguous(claims, calls)) return []
      const advertiserPaths = sorted(claims.map(({ path }) => path))
      const invocationTargets = sorted(calls.map(({ target }) => target))
      return {
        ruleId: 'trigger-collision',
        nodeIds: sorted([...advertiserPaths, ...calls.map(({ source }) => source)]),
        message: `The trigger "${trigger}" is ambiguous: ${told(advertiserPaths, invocationTargets)}.`,
        data: { normalizedTrigger: trigger, invocationTargets, advertiserPaths },
      }
    })
  },
}

const advertisedBy = (node: Node): Advertised[] =>
  INVOKED.includes(node.kind)
    ? nameOf(node).map((name) => ({ trigger: `/${normalizeTrigger(name)}`, literal: `/${name}`, path: node.path }))
    : []

const invokedBy = ({ trigger, target, source }: Link): Invoked[] =>
  trigger === undefined || trigger === null ? [] : [{ trigger: trigger.normalizedTrigger, target, source }]

function isAmbiguous(claims: readonly Advertised[], calls: readonly Invoked[]): boolean {
  const targets = new Set(calls.map(({ target }) => target))
  const paths = new Set(claims.map(({ path }) => path))
  const [only] = claims
  return (
    paths.size > 1 || targets.size > 1 || (only !== undefined && [...targets].some((target) => target !== only.literal))
  )
}

const told = (advertisers: readonly string[], targets: readonly string[]): string =>
  [
    ...(advertisers.length === 0 ? [] : [`advertised by ${advertisers.join(', ')}`]),
    ...(targets.length === 0 ? [] : [`written as ${targets.map((target) => JSON.stringify(target)).join(', ')}`]),
  ].join('; ')

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].toSorted()
