import {
  builtInPlugins,
  checkIssues,
  listActions,
  listNodes,
  showAction,
  showNode,
  type Action,
  type NodeFilter,
  type ScanResult,
} from '@tenon/map'
import { describe, expect, test } from 'vitest'
import { named, pluginOf, scanFolder } from './folder-scan.ts'
import { rule } from './foreign-extension.ts'

const scanned = async (): Promise<ScanResult> => {
  const files = {
    '.claude/agents/a.md': `${named('a', 'tags: [red, hot]\n')}See [b](b.md), [gone](gone.md) and https://one.example\n`,
    '.claude/agents/b.md': `${named('b')}${'long '.repeat(50)}[a](a.md)\n`,
    'c.md': 'See [a](.claude/agents/a.md), https://one.example and https://two.example\n',
    'd.md': '# D\n',
    'd.sm': 'identity: {path: d.md, bodyHash: x, frontmatterHash: y}\nannotations: {tags: [red, cold]}\n',
  }
  return (await scanFolder({ files })).result
}

describe('a list of nodes', () => {
  const A = '.claude/agents/a.md'
  const B = '.claude/agents/b.md'

  test.each<[string, NodeFilter, string[]]>([
    ['everything, by path', {}, [A, B, 'c.md', 'd.md']],
    ['of some kinds', { kinds: ['agent', 'none'] }, [A, B]],
    ['that an issue names', { withIssues: true }, [A, 'd.md']],
    ['with a tag of either source', { tag: 'red' }, [A, 'd.md']],
    ['with a tag of the author', { tag: 'red', tagSource: 'author' }, [A]],
    ['with a tag of a user', { tag: 'red', tagSource: 'user' }, ['d.md']],
    ['the first two', { limit: 2 }, [A, B]],
    ['by kind, then path', { sortBy: 'kind' }, [A, B, 'c.md', 'd.md']],
    ['the largest first', { sortBy: 'bytes_total', limit: 1 }, [B]],
    ['by links out', { sortBy: 'links_out_count' }, [A, B, 'c.md', 'd.md']],
    ['by links in', { sortBy: 'links_in_count' }, [A, B, 'c.md', 'd.md']],
    ['by references outside', { sortBy: 'external_refs_count' }, ['c.md', A, B, 'd.md']],
  ])('%s', async (_, filter, paths) => {
    expect(listNodes(await scanned(), filter).map(({ path }) => path)).toEqual(paths)
  })

  test('needs a tag where a source of tags is named', async () => {
    const result = await scanned()
    expect(() => listNodes(result, { tagSource: 'user' })).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})

describe('a node', () => {
  test('is shown with its links both ways and its issues', async () => {
    const { node, linksOut, linksIn, issues } = showNode(await scanned(), '.claude/agents/a.md')
    expect(node.kind).toBe('agent')
    expect(linksOut.map(({ target }) => target)).toEqual(['.claude/agents/b.md', '.claude/agents/gone.md'])
    expect(linksIn.map(({ source }) => source)).toEqual(['.claude/agents/b.md', 'c.md'])
    expect(issues.map(({ ruleId }) => ruleId)).toEqual(['broken-ref'])
  })

  test('that is not there is refused by name', async () => {
    const result = await scanned()
    expect(() => showNode(result, 'a.md')).toThrow(
      expect.objectContaining({ code: 'NODE_UNKNOWN', message: 'the map has no node "a.md"' }),
    )
  })
})

describe('a check', () => {
  const idsOf = (result: ScanResult, filter: Parameters<typeof checkIssues>[1], extensions = builtInPlugins) =>
    checkIssues(result, filter, extensions).map(({ ruleId }) => ruleId)

  test('gives all issues, or those of a node', async () => {
    const result = await scanned()
    expect(idsOf(result, {})).toEqual(['broken-ref', 'annotation-stale'])
    expect(idsOf(result, { node: 'd.md' })).toEqual(['annotation-stale'])
    expect(idsOf(result, { node: 'c.md' })).toEqual([])
  })

  test.each(['broken-ref', 'core/broken-ref'])('gives those of the rule %s', async (id) => {
    const result = await scanned()
    expect(idsOf(result, { rules: [id] })).toEqual(['broken-ref'])
    expect(idsOf(result, { rules: [id, 'superseded', 'frontmatter-invalid'] })).toEqual(['broken-ref'])
  })

  test('knows a rule by what it emits, and by what it is called', async () => {
    const extensions = [...builtInPlugins, ...pluginOf('p', [rule()])]
    const { result } = await scanFolder({ files: { 'x.md': 'x' }, extensions })
    for (const id of ['judge', 'p/judge', 'bad-node'])
      expect(idsOf(result, { rules: [id] }, extensions)).toHaveLength(1)
    expect(idsOf(result, { rules: ['bad-node'] })).toHaveLength(1)
  })

  test('refuses a rule and a node that there are not', async () => {
    const result = await scanned()
    expect(() => idsOf(result, { rules: ['broken-reff', 'core/none'] })).toThrow(
      expect.objectContaining({
        code: 'RULE_UNKNOWN',
        message: 'there is no rule "broken-reff" and no rule "core/none"',
        hint: 'Did you mean "broken-ref"?',
      }),
    )
    expect(() => idsOf(result, { node: 'z.md' })).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
  })

  test('gives issues about what is no node', async () => {
    const { result } = await scanFolder({ files: { 'lost.sm': 'identity: {}\n', 'x.md': '' } })
    expect(idsOf(result, { node: 'lost.md' })).toEqual(['annotation-orphan'])
  })
})

describe('actions', () => {
  const action: Action = {
    id: 'tidy',
    kind: 'action',
    version: '1.0.0',
    mode: 'deterministic',
    reportSchemaRef: 'report.json',
    invoke: () => ({ report: {} }),
  }
  const extensions = [...pluginOf('p', [action]), ...pluginOf('q', [{ ...action, description: 'Tidies.' }])]

  test('are listed with what they declare, and shown by name', () => {
    const listed = listActions({ extensions })
    expect(listed.map(({ id }) => id)).toEqual(['p/tidy', 'q/tidy'])
    expect(listActions({ extensions, options: { disabled: { keys: ['p'] } } }).map(({ id }) => id)).toEqual(['q/tidy'])
    expect(showAction({ extensions }, 'q/tidy')).toEqual({
      ...{ id: 'q/tidy', version: '1.0.0', mode: 'deterministic', reportSchemaRef: 'report.json' },
      description: 'Tidies.',
    })
    expect(showAction({ extensions: pluginOf('p', [action]) }, 'tidy').id).toBe('p/tidy')
  })

  test.each(['tidy', 'none', 'idy'])('that "%s" does not name alone are refused', (id) => {
    expect(() => showAction({ extensions }, id)).toThrow(
      expect.objectContaining({ code: 'ACTION_UNKNOWN', hint: 'There are: p/tidy, q/tidy.' }),
    )
  })
})
