import fc from 'fast-check'
import { exportGraph, globMatcher, parseExportQuery, type ScanResult } from '@tenon/map'
import { describe, expect, test } from 'vitest'
import { named, pluginOf, scanFolder } from './folder-scan.ts'
import { extractor, rule } from './foreign-extension.ts'
import { builtInPlugins } from '@tenon/map'

describe('a pattern of paths', () => {
  test.each([
    ['*', 'a.md', true],
    ['*', 'docs/a.md', false],
    ['docs/*', 'docs/a.md', true],
    ['docs/*', 'docs/x/a.md', false],
    ['docs/*/a.md', 'docs/x/a.md', true],
    ['docs/**', 'docs/x/y/a.md', true],
    ['docs/**', 'docs', false],
    ['**/a.md', 'a.md', true],
    ['**/a.md', 'x/y/a.md', true],
    ['**/a.md', 'x/ba.md', false],
    ['**a.md', 'x/ba.md', true],
    ['docs/**/a.md', 'docs/a.md', true],
    ['docs/**/a.md', 'docs/x/y/a.md', true],
    ['x**/a', 'xy/z/a', true],
    ['x**/a', 'xa', false],
    ['a.c', 'abc', false],
    ['[a]?', '[a]?', true],
    ['*é*', 'xé.md', true],
    ['', '', true],
    ['', 'a', false],
  ])('%s of %s: %s', (pattern, path, expected) => {
    expect(globMatcher(pattern)(path)).toBe(expected)
  })

  test('takes what the regular expression takes that it stands for', () => {
    const piece = fc.constantFrom('a', 'b', '/', '*', '**', '**/', '.')
    const pattern = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''))
    const path = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(pattern, path, (glob, text) => {
        expect(globMatcher(glob)(text)).toBe(expressionOf(glob).test(text))
      }),
      { numRuns: 3_000 },
    )
  })

  test('takes no time that grows faster than its path and itself', () => {
    expect(globMatcher('**a'.repeat(200))('a'.repeat(2_000) + 'b')).toBe(false)
  })
})

function expressionOf(glob: string): RegExp {
  const source = (glob.match(/(?<=^|\/)\*\*\/|\*\*|\*|[^]/g) ?? []).map((token) => {
    if (token === '**/') return '(?:.*/)?'
    if (token === '**') return '.*'
    return token === '*' ? '[^/]*' : token.replace('.', '\\.')
  })
  return new RegExp(`^${source.join('')}$`, 's')
}

describe('a query', () => {
  test('says what it cares for', () => {
    expect(parseExportQuery(' kind=agent,skill  has=issues path=docs/**,*.md ')).toEqual({
      kinds: ['agent', 'skill'],
      hasIssues: true,
      paths: ['docs/**', '*.md'],
    })
    expect(parseExportQuery('')).toEqual({ kinds: null, hasIssues: false, paths: null })
    expect(parseExportQuery('path=a=b').paths).toEqual(['a=b'])
  })

  test('with mistakes is refused with all of them and where they are', () => {
    const query = 'kind=agent knd=x has=friends path= kind=b agent kind'
    expect(() => parseExportQuery(query)).toThrow(
      expect.objectContaining({
        code: 'QUERY_INVALID',
        details: { query, positions: [12, 18, 30, 36, 43, 49] },
        problems: [
          'character 12: "knd" is no filter; did you mean "kind"?',
          'character 18: nodes can have "issues", and no "friends"',
          'character 30: "path" has an empty value',
          'character 36: "kind" is given twice',
          'character 43: "agent" is no filter: there are kind, has, path',
          'character 49: "kind" has no value',
        ].map((message) => ({ pointer: '', code: 'QUERY_INVALID', message })),
      }),
    )
  })
})

describe('an export', () => {
  const scanned = async (): Promise<ScanResult> => {
    const files = {
      '.claude/agents/a.md': `${named('a')}[b](b.md) [gone](gone.md)\n`,
      '.claude/agents/b.md': named('b'),
      'docs/c.md': '[a](../.claude/agents/a.md)\n',
    }
    const pair = rule({
      evaluate: ({ nodes, links }) => [
        {
          ruleId: 'bad-node',
          nodeIds: nodes.map(({ path }) => path),
          message: 'All of them.',
          linkIndices: links.map((_, index) => index),
        },
      ],
    })
    const extensions = [...builtInPlugins, ...pluginOf('p', [pair, extractor({ extract: () => {} })])]
    return (await scanFolder({ files, extensions })).result
  }

  test('holds the nodes that are asked for, the links between them and the issues that name one', async () => {
    const { query, filters, counts, nodes, links, issues } = exportGraph(await scanned(), 'kind=agent')
    expect([query, filters]).toEqual(['kind=agent', { kinds: ['agent'], hasIssues: false, paths: null }])
    expect(counts).toEqual({ nodes: 2, links: 1, issues: issues.length })
    expect(nodes.map(({ path }) => path)).toEqual(['.claude/agents/a.md', '.claude/agents/b.md'])
    expect(links.map(({ target }) => target)).toEqual(['.claude/agents/b.md'])
    expect(issues.map(({ ruleId, linkIndices }) => [ruleId, linkIndices])).toEqual([
      ['broken-ref', undefined],
      ['bad-node', [0]],
    ])
  })

  test.each([
    ['', 3],
    ['kind=skill', 0],
    ['path=docs/*', 1],
    ['kind=agent path=docs/*', 0],
    ['kind=agent,markdown path=docs/*,**/a.md', 2],
    ['has=issues', 3],
  ])('of "%s" has %i nodes', async (query, count) => {
    expect(exportGraph(await scanned(), query).nodes).toHaveLength(count)
  })

  test('of what has issues leaves out what has none', async () => {
    const { result } = await scanFolder({ files: { 'a.md': '[x](x.md)', 'b.md': '' } })
    expect(exportGraph(result, 'has=issues').nodes.map(({ path }) => path)).toEqual(['a.md'])
  })
})
