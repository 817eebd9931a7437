import { describe, expect, test } from 'vitest'
import { brief, named, saidIn } from './folder-scan.ts'
import { extractor, messages, provider, rule, scanWith } from './foreign-extension.ts'

describe('an extractor from outside', () => {
  test('links nodes, with its name and its confidence', async () => {
    const { result, extractorRuns } = await scanWith([extractor()])
    expect(result.links).toEqual([
      { source: 'a.md', target: 'x', kind: 'mentions', confidence: 'low', sources: ['mine'] },
      { source: 'b.md', target: 'x', kind: 'mentions', confidence: 'low', sources: ['mine'] },
    ])
    const mine = [...extractorRuns].filter(([, { lookedAtBy }]) => lookedAtBy.has('p/mine'))
    expect(mine.map(([path]) => path)).toEqual(['a.md', 'b.md'])
    expect(mine[0]?.[1].node.bodyHash).toBe(result.nodes[0]?.bodyHash)
  })

  test('keys without meaning fall away and come in one order', async () => {
    const { result } = await scanWith([
      extractor({
        extract: ({ node, emitLink }) =>
          emitLink({
            raw: null,
            location: { offset: 3, line: 2, column: 1 },
            trigger: null,
            kind: 'mentions',
            target: `${node.path}?`,
            confidence: 'high',
            source: 'b.md',
          }),
      }),
    ])
    expect(JSON.stringify(result.links[0])).toBe(
      '{"source":"b.md","target":"a.md?","kind":"mentions","confidence":"high","sources":["mine"],"location":{"line":2,"column":1,"offset":3}}',
    )
    expect(result.nodes.map(({ linksOutCount }) => linksOutCount)).toEqual([0, 2])
  })

  test('two extractors with the same pair are two links', async () => {
    const { result } = await scanWith([extractor(), extractor({ id: 'other' })], { 'a.md': '', 'b.md': '' })
    expect(result.links.filter(({ source }) => source === 'a.md').map(({ sources }) => sources)).toEqual([
      ['mine'],
      ['other'],
    ])
  })

  test('sees what its scope allows and cannot change it', async () => {
    const seen: unknown[] = []
    const look = (scope: 'frontmatter' | 'body' | 'both') =>
      extractor({
        id: `see-${scope}`,
        scope,
        extract: ({ body, prose, frontmatter }) => void seen.push([scope, body, prose, frontmatter['name']]),
      })
    const vandal = extractor({ extract: ({ node }) => void Object.assign(node, { kind: 'mine' }) })
    const { result, errors } = await scanWith([look('frontmatter'), look('body'), look('both'), vandal], {
      'a.md': `${named('n')}x \`y\``,
      'b.md': '',
    })
    expect(seen.filter((_, index) => index % 2 === 0)).toEqual([
      ['frontmatter', '', '', 'n'],
      ['body', 'x `y`', 'x    ', undefined],
      ['both', 'x `y`', 'x    ', 'n'],
    ])
    expect(result.nodes[0]?.kind).toBe('markdown')
    expect(errors).toHaveLength(2)
  })

  test('runs only on the kinds it names', async () => {
    const { result } = await scanWith([extractor({ applicableKinds: ['agent'] })], {
      'a.md': '',
      '.claude/agents/b.md': named('b'),
    })
    expect(result.links.map(({ source }) => source)).toEqual(['.claude/agents/b.md'])
  })

  test('that throws on one node loses only what it found there', async () => {
    const { result, errors, extractorRuns } = await scanWith([
      extractor({
        extract: async ({ node, emitLink, emitContribution }) => {
          emitLink({ target: 'before', kind: 'mentions' })
          emitContribution('total', { value: 1 })
          await Promise.resolve()
          if (node.path === 'a.md') throw new Error('no a')
        },
      }),
    ])
    expect(result.links.map(brief)).toEqual(['mentions before'])
    expect(result.nodes).toHaveLength(2)
    expect(errors.map(({ data }) => data)).toEqual([
      { extensionId: 'p/mine', kind: 'threw', message: 'no a', nodePath: 'a.md' },
    ])
    expect([...extractorRuns.values()].filter(({ lookedAtBy }) => lookedAtBy.has('p/mine'))).toHaveLength(1)
  })

  test.each([
    ['a kind it did not declare', { target: 'x', kind: 'invokes' }, 'links of the kind "invokes"'],
    ['a kind that there is not', { target: 'x', kind: 'likes' }, '/kind'],
    ['no target', { target: '', kind: 'mentions' }, '/target'],
    ['a key that there is not', { target: 'x', kind: 'mentions', weight: 1 }, 'weight'],
    ['no link at all', 'x', 'object'],
  ])('whose link has %s loses the link', async (_, link, told) => {
    const { result, errors } = await scanWith([extractor({ extract: ({ emitLink }) => emitLink(link as never) })])
    expect(result.links).toEqual([])
    expect(messages(errors)[0]).toContain(told)
    expect(errors).toHaveLength(2)
  })

  test('an address with a scheme is counted and not kept', async () => {
    const { result } = await scanWith([
      extractor({
        extract: ({ emitLink }) => {
          for (const target of ['ssh://x', 'mailto:y', 'c:/drive']) emitLink({ target, kind: 'mentions' })
        },
      }),
    ])
    expect(result.links.map(brief)).toEqual(['mentions c:/drive', 'mentions c:/drive'])
    expect(result.nodes.map(({ externalRefsCount }) => externalRefsCount)).toEqual([2, 2])
  })
})

describe('contributions', () => {
  const said = async (id: string, payload: object) => {
    const { errors, ...done } = await scanWith([
      extractor({ extract: ({ emitContribution }) => emitContribution(id, payload) }),
    ])
    return { rows: saidIn(done).filter(({ pluginId }) => pluginId === 'p'), told: messages(errors)[0] }
  }

  test('are kept with whose they are', async () => {
    const { rows } = await said('breakdown', { entries: [{ label: 'todo', value: 2 }] })
    expect(rows[0]).toEqual({
      pluginId: 'p',
      extensionId: 'mine',
      nodePath: 'a.md',
      contributionId: 'breakdown',
      contract: 'node-breakdown',
      payload: { entries: [{ label: 'todo', value: 2 }] },
    })
  })

  test('the last one for a node counts', async () => {
    const done = await scanWith([
      extractor({
        extract: ({ emitContribution }) => {
          emitContribution('total', { value: 1 })
          emitContribution('total', { value: 2 })
        },
      }),
    ])
    expect(
      saidIn(done)
        .filter(({ pluginId }) => pluginId === 'p')
        .map(({ payload }) => payload),
    ).toEqual([{ value: 2 }, { value: 2 }])
  })

  test('an empty one is dropped, unless it is wanted', async () => {
    expect(await said('total', { value: 0 })).toEqual({ rows: [], told: undefined })
    expect((await said('breakdown', { entries: [] })).rows).toHaveLength(2)
  })

  test.each([
    ['total', { value: -1 }, '/value'],
    ['total', { value: 1, html: '<b>' }, 'html'],
    ['other', { value: 1 }, 'no contribution "other"'],
  ])('%s with %j is dropped and told', async (id, payload, told) => {
    const answer = await said(id, payload)
    expect(answer.rows).toEqual([])
    expect(answer.told).toContain(told)
  })
})

describe('a rule from outside', () => {
  test('gives issues of the severity it has by default', async () => {
    const { result } = await scanWith([rule()])
    expect(result.issues).toEqual([
      { ruleId: 'bad-node', severity: 'info', nodeIds: ['a.md'], message: 'It is bad.' },
      { ruleId: 'bad-node', severity: 'info', nodeIds: ['b.md'], message: 'It is bad.' },
    ])
  })

  test.each([
    ['a severity that there is not', { severity: 'warning' }, '/severity'],
    ['a rule id it did not declare', { ruleId: 'other' }, 'rule id "other"'],
    ['no node', { nodeIds: [] }, '/nodeIds'],
  ])('whose issue has %s loses the issue', async (_, wrong, told) => {
    const issue = { ruleId: 'bad-node', nodeIds: ['a.md'], message: 'x', ...wrong }
    const { result, errors } = await scanWith([rule({ evaluate: () => [issue as never] })])
    expect(result.issues).toEqual([])
    expect(messages(errors)).toEqual([expect.stringContaining(told)])
  })

  test('that throws, changes the graph or answers nonsense costs only itself', async () => {
    const bad = [
      rule({ id: 'throws', evaluate: () => Promise.reject(new Error('no')) }),
      rule({ id: 'changes', evaluate: ({ nodes }) => void (nodes as unknown[]).splice(0) as never }),
      rule({ id: 'nonsense', evaluate: () => 'nothing' as never }),
      rule(),
    ]
    const { result, errors } = await scanWith(bad)
    expect(result.nodes).toHaveLength(2)
    expect(result.issues).toHaveLength(2)
    expect(errors.map(({ data }) => 'extensionId' in data && data.extensionId)).toEqual([
      'p/throws',
      'p/changes',
      'p/nonsense',
    ])
  })

  test('contributes to nodes that there are', async () => {
    const { errors, ...done } = await scanWith([
      rule({
        viewContributions: { mark: { contract: 'node-tag' } },
        evaluate: ({ emitContribution }) => {
          emitContribution('a.md', 'mark', { label: 'hot' })
          emitContribution('gone.md', 'mark', { label: 'hot' })
          return []
        },
      }),
    ])
    expect(
      saidIn(done)
        .filter(({ pluginId }) => pluginId === 'p')
        .map(({ nodePath }) => nodePath),
    ).toEqual(['a.md'])
    expect(messages(errors)).toEqual([expect.stringContaining('gone.md')])
  })

  test('that asks a model is no part of a scan', async () => {
    const { result, events } = await scanWith([rule({ mode: 'probabilistic' })])
    expect(result.issues).toEqual([])
    expect(events.some(({ data }) => 'ruleId' in data && data.ruleId === 'p/judge')).toBe(false)
  })
})

describe('a Provider from outside', () => {
  const files = { 'notes/n.md': 'x', 'a.md': 'y', 'n.txt': 'z' }

  test('comes after the vendors and before the fallback', async () => {
    const { result } = await scanWith([provider()], files)
    expect(result.providers).toEqual(['claude', 'gemini', 'agent-skills', 'notes', 'markdown'])
    expect(result.nodes.map(({ path, provider: id, kind }) => `${path} ${id}/${kind}`)).toEqual([
      'notes/n.md notes/note',
      'a.md markdown/markdown',
    ])
  })

  test('may read other files than Markdown', async () => {
    const texts = provider({
      read: { extensions: ['.txt'], parser: 'frontmatter-yaml' },
      classify: () => 'note',
    })
    const { result } = await scanWith([texts], files)
    expect(result.nodes.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'n.txt note',
      'a.md markdown',
      'notes/n.md markdown',
    ])
  })

  test('that throws or names no kind of its own leaves the file to the next', async () => {
    const { result, errors } = await scanWith(
      [
        provider({
          classify: (path) => {
            if (path === 'a.md') throw new Error('no a')
            return 'unheard-of'
          },
        }),
      ],
      files,
    )
    expect(result.nodes.map(({ kind }) => kind)).toEqual(['markdown', 'markdown'])
    expect(messages(errors)).toEqual(['no a', '"unheard-of" is none of its kinds'])
  })
})
