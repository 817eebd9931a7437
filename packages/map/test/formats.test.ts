import fc from 'fast-check'
import MarkdownIt from 'markdown-it'
import { builtInPlugins, formatGraph, type Issue, type Link, type Node } from '@tenon/map'
import { simulatedWorld } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { named, scanFolder } from './folder-scan.ts'

type Graph = { nodes: Node[]; links: Link[]; issues: Issue[] }

const FORMATS = ['ascii', 'json', 'md', 'mermaid', 'dot']

const format = async (graph: Graph, name: string): Promise<string> => {
  const request = { format: name, graph: structuredClone(graph), extensions: builtInPlugins, world: simulatedWorld(1) }
  return (await formatGraph(request)).text
}

const sample = async (): Promise<Graph> => {
  const { result } = await scanFolder({
    files: {
      '.claude/agents/reviewer.md': `${named('reviewer')}Ask /deploy, see [the guide](../../docs/guide.md) and [more](gone.md).\n`,
      '.claude/commands/deploy.md': `${named('deploy')}@reviewer looks first, then @someone.\n`,
      '.claude/commands/twin.md': named('twin'),
      '.claude/agents/twin.md': `${named('twin')}/twin\n`,
      '.claude/skills/write/SKILL.md': `${named('Write "all" <& the rest>')}See [two](a\`b|c.md).\n`,
      'docs/guide.md': 'Back to [the start](../README.md#top). /deploy, /deploy and @reviewer\n',
      'docs/a"b`c|#end;\u202e\n%%{x}.md': 'A file of an odd name.\n',
      'README.md': '# Read me\n',
      'README.sm':
        'identity: {path: README.md, bodyHash: x, frontmatterHash: y}\nannotations: {supersededBy: docs/guide.md, odd: 1}\n',
    },
  })
  const { nodes, links, issues } = result
  return { nodes, links, issues }
}

describe('the sample graph', () => {
  test.each(FORMATS)('as %s', async (name) => {
    await expect(await format(await sample(), name)).toMatchFileSnapshot(`./golden/graph.${name}.txt`)
  })

  test.each([
    ['ascii', 'text/plain'],
    ['json', 'application/json'],
    ['md', 'text/markdown'],
    ['mermaid', 'text/markdown'],
    ['dot', 'text/vnd.graphviz'],
  ])('%s is %s', async (name, contentType) => {
    const graph = { nodes: [], links: [], issues: [] }
    const written = await formatGraph({ format: name, graph, extensions: builtInPlugins, world: simulatedWorld(1) })
    expect(written.contentType).toBe(contentType)
    expect(written.text).toMatch(/\S\n$/)
  })
})

const HOSTILE = ['"', '`', '``', '\n', '\r', '\0', '\u001b[2J', '\u202e', '\u2028', '\ud800', '\\', '\\"', ' ', '|']
const WORDS = [
  '-->',
  'end',
  '%%',
  '%%{init}',
  '#quot;',
  '#35;',
  '&amp;',
  '<b>',
  'style x:',
  ']',
  ')',
  '}',
  ';',
  '//',
  '/*',
]

/** What may stand in a path, a name or a message: also what some format gives a meaning. */
const text = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE, ...WORDS), fc.string({ unit: 'binary', minLength: 1, maxLength: 4 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''))

const sizes = { frontmatter: 0, body: 0, total: 0 }
const hash = '0'.repeat(64)

const graphs: fc.Arbitrary<Graph> = fc.uniqueArray(text, { minLength: 1, maxLength: 6 }).chain((paths) => {
  const end = fc.oneof(fc.constantFrom(...paths), text)
  const links = fc.array(
    fc.record({
      source: end,
      target: end,
      kind: fc.constantFrom('invokes', 'references', 'mentions', 'supersedes'),
      confidence: fc.constantFrom('high', 'low'),
      sources: fc.constant(['x']),
    }) as fc.Arbitrary<Link>,
    { maxLength: 8 },
  )
  const issues = (among: readonly Link[]) =>
    fc.array(
      fc.record({
        ruleId: fc.constantFrom('broken-ref', 'superseded'),
        severity: fc.constantFrom('error', 'warn', 'info'),
        nodeIds: fc.array(end, { minLength: 1, maxLength: 2 }),
        message: text,
        ...(among.length === 0 ? {} : { linkIndices: fc.array(fc.nat(among.length - 1), { maxLength: 1 }) }),
      }),
      { maxLength: 4 },
    )
  const nodes = fc.tuple(
    ...paths.map((path) =>
      fc.record({ kind: fc.constantFrom('agent', 'markdown', 'zebra', 'ape'), name: text }).map(
        ({ kind, name }): Node => ({
          ...{ path, kind, provider: 'p', bodyHash: hash, frontmatterHash: hash, bytes: sizes, frontmatter: { name } },
          ...{ linksOutCount: 0, linksInCount: 0, externalRefsCount: 0 },
        }),
      ),
    ),
  )
  return links.chain((made) => fc.record({ nodes, links: fc.constant(made), issues: issues(made) }))
})

const holds = (check: (graph: Graph) => Promise<void>) => fc.assert(fc.asyncProperty(graphs, check), { numRuns: 150 })

/** The graph with everything in another order. */
const shuffled = (graph: Graph): fc.Arbitrary<Graph> => {
  const order = graph.links.map((_, index) => index)
  const some = <T>(items: T[]) => fc.shuffledSubarray(items, { minLength: items.length })
  return fc.record({ nodes: some(graph.nodes), order: some(order), issues: some(graph.issues) }).map((made) => ({
    nodes: made.nodes,
    links: made.order.flatMap((index) => graph.links[index] ?? []),
    issues: made.issues.map(({ linkIndices, ...issue }) => ({
      ...issue,
      ...(linkIndices === undefined ? {} : { linkIndices: linkIndices.map((index) => made.order.indexOf(index)) }),
    })),
  }))
}

const harmless = (path: string): boolean => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(path)

/** Every path that needs no escape is among the labels, and nothing in them is invisible. */
function expectLabels(graph: Graph, labels: readonly string[]): void {
  for (const { path } of graph.nodes) if (harmless(path)) expect(labels).toContain(path)
  expect(labels.every(harmless)).toBe(true)
}

describe('whatever files are called', () => {
  test('the order of a graph changes no byte of any format', async () => {
    const pairs = graphs.chain((graph) => fc.tuple(fc.constant(graph), shuffled(graph)))
    const same = fc.asyncProperty(pairs, async ([graph, other]) => {
      for (const name of FORMATS) expect([name, await format(other, name)]).toEqual([name, await format(graph, name)])
    })
    await fc.assert(same, { numRuns: 100 })
  })

  test('ascii has one line for each node, link and issue', () =>
    holds(async (graph) => {
      const lines = (await format(graph, 'ascii')).split('\n')
      const { nodes, links, issues } = graph
      expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(nodes.length + links.length + issues.length)
      expect(lines.every(harmless)).toBe(true)
    }))

  test('json gives back what went in, and shows nothing that a terminal obeys', () =>
    holds(async (graph) => {
      const written = await format(graph, 'json')
      expect(written.split('\n').every(harmless)).toBe(true)
      const read = JSON.parse(written) as Graph
      const asJson = (items: object[]) => items.map((item) => JSON.stringify(item)).sort()
      expect([asJson(read.nodes), asJson(read.links)]).toEqual([asJson(graph.nodes), asJson(graph.links)])
      const saying = ({ issues, links }: Graph) =>
        asJson(issues.map(({ linkIndices = [], ...issue }) => [issue, linkIndices.map((index) => links[index])]))
      expect(saying(read)).toEqual(saying(graph))
    }))

  test('md has one item for each node, link and issue, with foreign text in code spans only', () =>
    holds(async (graph) => {
      const { nodes, links, issues } = graph
      const tokens = new MarkdownIt().parse(await format(graph, 'md'), {})
      expect(tokens.filter(({ type }) => type === 'list_item_open')).toHaveLength(
        nodes.length + links.length + issues.length,
      )
      const spans = tokens.flatMap(({ children }) => children ?? [])
      expect(new Set(spans.map(({ type }) => type))).toEqual(
        new Set(['text', 'code_inline', ...(issues.length > 0 ? ['strong_open', 'strong_close'] : [])]),
      )
      const plain = spans.filter(({ type }) => type === 'text').map(({ content }) => content)
      expect(plain.join('')).toMatch(/^[\w ,()]*$/)
      const codes = spans.filter(({ type }) => type === 'code_inline').map(({ content }) => content)
      const blank = (path: string): string => (path.trim() === '' && harmless(path) ? JSON.stringify(path) : path)
      expectLabels({ ...graph, nodes: nodes.map((node) => ({ ...node, path: blank(node.path) })) }, codes)
    }))

  test('mermaid has only lines of a flowchart', () =>
    holds(async (graph) => {
      const LABEL = '"((?:[\\p{L}\\p{N} _/.,-]|#\\d+;)+)"'
      const line = new RegExp(
        `^(flowchart LR| {2}subgraph k\\d+\\[${LABEL}\\]| {4}n\\d+\\[${LABEL}\\]| {2}end| {2}t\\d+\\(\\[${LABEL}\\]\\)| {2}[nt]\\d+ -->\\|[a-z]+\\| [nt]\\d+)$`,
        'u',
      )
      const lines = (await format(graph, 'mermaid')).trimEnd().split('\n')
      expect(lines.filter((each) => !line.test(each))).toEqual([])
      const opened = lines.filter((each) => each.startsWith('  subgraph ')).length
      expect(lines.filter((each) => each === '  end')).toHaveLength(opened)
      const labels = lines.flatMap(
        (each) =>
          line
            .exec(each)
            ?.slice(2)
            .find((label) => label !== undefined) ?? [],
      )
      expectLabels(
        graph,
        labels.map((label) => label.replaceAll(/#(\d+);/g, (_, point) => String.fromCodePoint(Number(point)))),
      )
    }))

  test('dot is made of whole tokens, and its braces and brackets match', () =>
    holds(async (graph) => {
      const tokens = dotTokens(await format(graph, 'dot'))
      const open: string[] = []
      for (const token of tokens)
        if ('{['.includes(token)) open.push(token === '{' ? '}' : ']')
        else if ('}]'.includes(token)) expect(open.pop()).toBe(token)
      expect(open).toEqual([])
      const labels = tokens.flatMap((token, index) => (tokens[index - 2] === 'label' ? [unquoted(token)] : []))
      expectLabels(graph, labels)
    }))
})

/** The tokens of a text in the language of Graphviz that has no comments and no HTML. */
function dotTokens(source: string): string[] {
  const TOKEN = /\s*("(?:[^"\\]|\\[^])*"|[A-Za-z_]\w*|->|[{}[\];=,])\s*/y
  const tokens: string[] = []
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex
    const [, token] = TOKEN.exec(source) ?? []
    if (token === undefined) throw new Error(`no token: ${JSON.stringify(source.slice(at, at + 80))}`)
    tokens.push(token)
  }
  return tokens
}

const unquoted = (token: string): string =>
  token
    .slice(1, -1)
    .replaceAll(/\\([^])/g, '$1')
    .replaceAll('&amp;', '&')
