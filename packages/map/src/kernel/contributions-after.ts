import { once } from '@tenon/contract'
import type { Affected } from './affected.ts'
import { saidOf, type Contribution, type ContributionsByPath } from './contributions.ts'
import type { Difference } from './difference.ts'
import type { Gathered } from './gathering.ts'
import type { LinkedGraph } from './graph.ts'
import type { Registry } from './registry.ts'

/** Who looked at what in a scan. */
type Looked = {
  registry: Registry
  gathered: Pick<Gathered, 'isSame' | 'read' | 'held'>
  linked: Pick<LinkedGraph, 'paths' | 'has'>
  /** By the keys of rules. */
  affected: ReadonlyMap<string, Affected>
  difference: Difference | undefined
}

export type ContributionsAfter = {
  /** Those of which something else was said before, or nothing. */
  changed: ContributionsByPath
  /** Those of every node, some of which may be read now. */
  all(): ContributionsByPath
}

/** What was `said` in a scan, and what was said before by those that did not look again. What says the same is the same object. */
export function contributionsAfter(
  before: ContributionsByPath,
  said: ContributionsByPath,
  looked: Looked,
): ContributionsAfter {
  const isHeld = holding(looked)
  const changed = new Map<string, readonly Contribution[]>()
  for (const path of askedOf(before, said, looked)) {
    const [was, anew] = [before.get(path) ?? [], said.get(path) ?? []]
    const is = [...anew, ...was.filter((one) => isHeld(one) && saidOf(said, path, one) === undefined)]
    if (is.length !== was.length || is.some((one) => !was.includes(one))) changed.set(path, is)
  }
  const isAsBefore = changed.size === 0 && looked.difference?.isInOrder === true
  return { changed, all: once(() => (isAsBefore ? before : overlaid(before, changed, looked.linked))) }
}

function overlaid(
  before: ContributionsByPath,
  changed: ContributionsByPath,
  live: Pick<LinkedGraph, 'has'>,
): ContributionsByPath {
  const all = new Map(before)
  for (const path of before.keys()) if (!live.has(path)) all.delete(path)
  for (const [path, is] of changed)
    if (is.length === 0) all.delete(path)
    else all.set(path, is)
  return all
}

/** Whether who said something did not look again, so that it still holds. */
function holding({ registry, gathered: { held }, affected }: Looked): (one: Contribution) => boolean {
  const extractors = new Set(registry.extractors.map(({ key }) => key))
  return ({ pluginId, extensionId, nodePath }) => {
    const key = `${pluginId}/${extensionId}`
    if (extractors.has(key)) return held.get(nodePath)?.lookedAtBy.has(key) ?? false
    const judged = affected.get(key) ?? 'all'
    return judged !== 'all' && !judged.has(nodePath)
  }
}

/** The paths of which anything else may be said than before. */
function askedOf(
  before: ContributionsByPath,
  said: ContributionsByPath,
  { registry, gathered, linked, affected, difference }: Looked,
): ReadonlySet<string> {
  const showing = registry.rules.filter(({ manifest }) => manifest.viewContributions !== undefined)
  const judged = showing.map(({ key }) => affected.get(key) ?? 'all')
  const paths = judged.flatMap((one) => (one === 'all' ? [] : [...one]))
  if (difference === undefined || !gathered.isSame || judged.includes('all'))
    return new Set([...before.keys(), ...linked.paths])
  return new Set([...gathered.read, ...difference.gone, ...said.keys(), ...paths])
}
