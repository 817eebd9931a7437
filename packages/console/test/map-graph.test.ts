import { expect, test } from 'vitest'
import { kindsOf } from '../src/kind-colors.ts'
import { layout } from '../src/layout.ts'
import { labelsOf } from '../src/node-labels.ts'
import { factsByPath } from '../src/scan-links.ts'
import type { Scan, ScanLink, ScanNode } from '../src/scan.ts'

const node = (path: string, name?: string): ScanNode => ({
  path,
  kind: 'markdown',
  provider: 'markdown',
  externalRefsCount: 0,
  ...(name === undefined ? {} : { frontmatter: { name } }),
})

const link = (source: string, target: string, normalizedTrigger?: string): ScanLink => ({
  source,
  target,
  kind: 'invokes',
  confidence: 'medium',
  ...(normalizedTrigger === undefined ? {} : { trigger: { originalTrigger: target, normalizedTrigger } }),
})

const scanOf = (nodes: ScanNode[], links: ScanLink[], issues: Scan['issues'] = []): Scan => ({
  scannedAt: 0,
  roots: ['.'],
  nodes,
  links,
  issues,
})

/** Where the links of the first node lead. */
const leadsTo = (scan: Scan): (string | undefined)[] =>
  factsByPath(scan)
    .get('a.md')
    ?.out.map(({ to }) => to) ?? []

test('a link leads to the path that it names', () => {
  const facts = factsByPath(scanOf([node('a.md'), node('b.md')], [link('a.md', 'b.md'), link('a.md', 'gone.md')]))
  expect(facts.get('a.md')?.out.map(({ to }) => to)).toEqual(['b.md', undefined])
  expect(facts.get('b.md')?.in.map((one) => one.link.source)).toEqual(['a.md'])
})

test.each([
  ['/Hacer-Review', '/hacer review', 'Hacer-Review_'],
  ['@cluster', '@cluster', 'Clúster'],
  ['/skill-map:explore', '/skill map:explore', 'skill-map:explore'],
])('the trigger %s leads to the node of that name', (target, normalized, name) => {
  expect(leadsTo(scanOf([node('a.md'), node('b.md', name)], [link('a.md', target, normalized)]))).toEqual(['b.md'])
})

test('a name that two nodes bear leads to neither', () => {
  const nodes = [node('a.md'), node('b.md', 'deploy'), node('c.md', 'Deploy')]
  expect(leadsTo(scanOf(nodes, [link('a.md', '/deploy', '/deploy')]))).toEqual([undefined])
})

test('an issue belongs once to each node that it names', () => {
  const issue = { ruleId: 'broken-ref', severity: 'warn', nodeIds: ['a.md', 'a.md', 'gone.md'], message: 'x' } as const
  const facts = factsByPath(scanOf([node('a.md')], [], [{ ...issue, nodeIds: [...issue.nodeIds] }]))
  expect(facts.get('a.md')?.issues).toHaveLength(1)
})

test('a link or issue of a node that is not there is passed over', () => {
  expect([...factsByPath(scanOf([node('a.md', ' ')], [link('gone.md', 'a.md')])).keys()]).toEqual(['a.md'])
})

test('a node is called by its file, by its folder where the file says nothing, by both where names meet', () => {
  const paths = [
    'agents/reviewer.md',
    'skills/deploy/SKILL.md',
    'README.md',
    'a/NOTES.md',
    'b/NOTES.md',
    'c/docs/index.md',
  ]
  expect([...labelsOf(paths).values()]).toEqual(['reviewer', 'deploy', 'README', 'a/NOTES', 'b/NOTES', 'docs'])
})

test('kinds come by falling count, and no two of a few share a colour', () => {
  const kinds = kindsOf(['b', 'a', 'agent', 'a', 'skill', 'c'].map((kind) => ({ kind })))
  expect(kinds.map(({ kind, count }) => `${kind} ${count}`)).toEqual(['a 2', 'agent 1', 'b 1', 'c 1', 'skill 1'])
  expect(new Set(kinds.map(({ color }) => color)).size).toBe(kinds.length)
})

test.each([1, 40, 400])('one scan of %i nodes has one picture, with linked nodes close together', (nodes) => {
  const edges = Uint32Array.from({ length: nodes * 2 }, (_, at) => (at % 2 === 0 ? at / 2 : Math.floor(at / 4)))
  const positions = layout({ nodes, edges })
  expect(positions).toEqual(layout({ nodes, edges }))
  expect([...positions].every(Number.isFinite)).toBe(true)
  const distance = (a = 0, b = 0): number =>
    Math.hypot(
      (positions[a * 2] ?? 0) - (positions[b * 2] ?? 0),
      (positions[a * 2 + 1] ?? 0) - (positions[b * 2 + 1] ?? 0),
    )
  const mean = (pairs: number[]): number => pairs.reduce((sum, one) => sum + one, 0) / pairs.length
  const indices = Array.from({ length: nodes }, (_, index) => index)
  const linked = mean(indices.map((index) => distance(edges[index * 2], edges[index * 2 + 1])))
  const any = mean(indices.map((index) => distance(index, (index * 7 + 3) % nodes)))
  expect(linked).toBeLessThanOrEqual(any)
})
