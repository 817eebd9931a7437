import { expect, test } from 'vitest'
import { extractor, messages, scanWith } from './foreign-extension.ts'

test('what extractors add to a node is kept beside it, under the name of who added it', async () => {
  const adds = (id: string) =>
    extractor({
      id,
      extract: ({ node, enrichNode }) => {
        enrichNode({ title: node.path, seen: 1 })
        enrichNode({ seen: 2 })
      },
    })
  const { enrichments, result } = await scanWith([adds('one'), adds('other')], { 'a.md': 'x', 'b.md': 'y' })
  expect(enrichments.map(({ nodePath, extractorId, value }) => [nodePath, extractorId, value])).toEqual([
    ['a.md', 'p/one', { title: 'a.md', seen: 2 }],
    ['b.md', 'p/one', { title: 'b.md', seen: 2 }],
    ['a.md', 'p/other', { title: 'a.md', seen: 2 }],
    ['b.md', 'p/other', { title: 'b.md', seen: 2 }],
  ])
  expect(enrichments[0]?.bodyHash).toBe(result.nodes[0]?.bodyHash)
  expect(result.nodes[0]?.frontmatter).toEqual({})
})

test('what contradicts the form of a node is dropped and told', async () => {
  const { enrichments, errors } = await scanWith(
    [extractor({ extract: ({ enrichNode }) => [{ linksInCount: 'many' }, 'text' as never].forEach(enrichNode) })],
    { 'a.md': '', 'b.md': '' },
  )
  expect([enrichments, errors.length]).toEqual([[], 4])
  expect(messages(errors)[0]).toMatch(/linksInCount/)
})
