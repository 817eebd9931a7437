import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtInPlugins, type FoundIssue, type Link, type Node, type Rule } from '@tenon/map'
import { linkOf, nodeAt } from './synthetic-scan.ts'

const ruleOf = (id: string): Rule => {
  const rules = builtInPlugins.flatMap((source) => ('module' in source ? [source.module.default as Rule] : []))
  const found = rules.find((rule) => rule.kind === 'rule' && rule.id === id)
  if (found === undefined) throw new Error(`there is no rule ${id}`)
  return found
}

const path = fc.constantFrom('a.md', 'b.md', 'c.md')
const trigger = fc.constantFrom('/a', '/b', '@a', '/')
const link: fc.Arbitrary<Link> = fc
  .record({
    source: path,
    target: fc.oneof(path, trigger, fc.constantFrom('/A', '/B')),
    kind: fc.constantFrom<Link['kind']>('references', 'mentions', 'invokes'),
    confidence: fc.constantFrom<Link['confidence']>('low', 'medium', 'high'),
    sources: fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 2 }),
    trigger: fc.option(trigger, { nil: undefined }),
  })
  .map(({ source, target, trigger: normalizedTrigger, ...more }) => ({
    ...linkOf(source, target),
    ...more,
    ...(normalizedTrigger === undefined ? {} : { trigger: { originalTrigger: target, normalizedTrigger } }),
  }))
const nodes = fc
  .array(
    fc.record({
      kind: fc.constantFrom('command', 'skill', 'note'),
      name: fc.option(fc.constantFrom('a', 'A', 'b', '')),
    }),
    { maxLength: 3 },
  )
  .map((all) =>
    all.map(({ kind, name }, at) =>
      nodeAt(`${['a', 'b', 'c'][at]}.md`, { kind, frontmatter: name === null ? {} : { name } }),
    ),
  )

type Judged = { nodes: Node[]; links: Link[] }

/** The same as said in its description: every pair of links is compared. */
const conflictsOf = ({ links }: Judged): string[][] =>
  links
    .filter((one) => links.some((other) => sameEnds(one, other) && one.kind !== other.kind))
    .filter((one, at, all) => all.findIndex((other) => sameEnds(one, other)) === at)
    .map(({ source, target }) => [source, target])

const sameEnds = (one: Link, other: Link): boolean => one.source === other.source && one.target === other.target

/** Every trigger is asked of every node and every link. */
function collisionsOf({ nodes: all, links }: Judged): string[] {
  const advertised = all
    .filter(({ kind, frontmatter }) => kind !== 'note' && typeof frontmatter?.['name'] === 'string')
    .map(({ frontmatter }) => `/${String(frontmatter?.['name'])}`)
  const triggers = [...advertised.map((name) => name.toLowerCase()), ...links.flatMap((one) => normal(one) ?? [])]
  return [...new Set(triggers)].toSorted().filter((one) => {
    const literals = advertised.filter((name) => name.toLowerCase() === one)
    const written = new Set([...literals, ...links.filter((each) => normal(each) === one).map(({ target }) => target)])
    return literals.length > 1 || written.size > 1
  })
}

const normal = ({ trigger: of }: Link): string | undefined => of?.normalizedTrigger

async function judged(id: string, graph: Judged): Promise<FoundIssue[]> {
  const held = { orphanSidecars: [], sidecarRoots: {}, annotationContributions: [], viewContributions: [] }
  const context = { ...graph, ...held, strandedContributions: [], settings: {}, emitContribution: () => {} }
  return ruleOf(id).evaluate(context)
}

describe('what a rule finds is what its plain description finds', () => {
  const graph = fc.record({ nodes, links: fc.array(link, { maxLength: 12 }) })

  test('of links in conflict', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (given) => {
        const issues = await judged('link-conflict', given)
        expect(issues.map(({ nodeIds }) => nodeIds).toSorted()).toEqual(conflictsOf(given).toSorted())
      }),
    )
  })

  test('of triggers that collide', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (given) => {
        const issues = await judged('trigger-collision', given)
        expect(issues.map(({ data }) => data?.['normalizedTrigger'])).toEqual(collisionsOf(given))
      }),
    )
  })
})
