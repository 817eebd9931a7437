import type { FormatterInput } from '../../kernel/inputs.ts'
import type { Link, Node } from '../../graph-schema.ts'
import { normalizeTrigger } from '../../text/trigger.ts'
import { nameOf } from '../rules/name-of.ts'
import { shownText } from './foreign-text.ts'
import { outlineOf } from './outline.ts'

/** A graph as one draws it. Ids are ours, so that no path can be taken for a word of a drawing language. */
export type Drawing = {
  groups: { kind: string; boxes: Box[] }[]
  /** What links name that is no node, or more than one. */
  outside: Box[]
  /** One for all links of a kind between the same two. */
  arrows: { from: string; to: string; kind: string }[]
}

export type Box = { id: string; label: string }

export function drawingOf(graph: FormatterInput): Drawing {
  const { kinds, links } = outlineOf(graph)
  const boxes = new Map<string, Box>()
  const boxOf = (name: string, prefix: string): Box => {
    const box = boxes.get(name) ?? { id: `${prefix}${boxes.size}`, label: shownText(name) }
    boxes.set(name, box)
    return box
  }
  const groups = kinds.map(({ kind, nodes }) => ({
    kind: shownText(kind),
    boxes: nodes.map(({ path }) => boxOf(path, 'n')),
  }))
  const known = boxes.size
  const targetOf = targetsAmong(graph.nodes)
  const arrows = links.map((link) => ({
    from: boxOf(link.source, 't').id,
    to: boxOf(targetOf(link), 't').id,
    kind: link.kind,
  }))
  return { groups, outside: [...boxes.values()].slice(known), arrows: withoutTwins(arrows) }
}

/** What links lead to: their target, or the path of the one node that bears the name which they call. */
function targetsAmong(nodes: readonly Node[]): (link: Link) => string {
  const paths = new Set(nodes.map(({ path }) => path))
  const called = nodes.flatMap((node) =>
    nameOf(node).map((name) => ({ name: normalizeTrigger(name), path: node.path })),
  )
  const byName = Map.groupBy(called, ({ name }) => name)
  return ({ target, trigger }) => {
    if (paths.has(target) || !trigger) return target
    const [only, ...others] = byName.get(trigger.normalizedTrigger.replace(/^[/@]/, '')) ?? []
    return only === undefined || others.length > 0 ? target : only.path
  }
}

const withoutTwins = (arrows: Drawing['arrows']): Drawing['arrows'] => [
  ...new Map(arrows.map((arrow) => [Object.values(arrow).join(' '), arrow])).values(),
]
