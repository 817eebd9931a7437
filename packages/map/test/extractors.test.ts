import { describe, expect, test } from 'vitest'
import { brief, linksOf, named, saidIn, scanFolder } from './folder-scan.ts'

describe('at-directive', () => {
  test.each([
    ['ask @reviewer', ['mentions @reviewer']],
    ['@Team/lead and @ns:Bot-2!', ['mentions @Team/lead', 'mentions @ns:Bot-2']],
    ['mail me@example.org, @@twice, _@under', []],
    ['@Rev-iew then @rev_iew again', ['mentions @Rev-iew']],
    ['(@a) "@b" é@c', ['mentions @a', 'mentions @b', 'mentions @c']],
    ['@ @- @_x', []],
  ])('%j', async (body, links) => {
    expect(await linksOf(body)).toEqual(links)
  })
})

describe('slash', () => {
  test.each([
    ['run /deploy now', ['invokes /deploy']],
    ['/skill-map:explore', ['invokes /skill-map:explore']],
    ['a/b ./c .. /d/e #/f ?/g :/h _/i', ['invokes /d']],
    ['/Deploy-All or /deploy_all', ['invokes /Deploy-All']],
    ['<example>x</example>', []],
  ])('%j', async (body, links) => {
    expect(await linksOf(body)).toEqual(links)
  })

  test('keeps what was written and adds what is compared', async () => {
    const { result } = await scanFolder({ files: { 'a.md': '/Deploy-All' } })
    expect(result.links).toEqual([
      {
        source: 'a.md',
        target: '/Deploy-All',
        kind: 'invokes',
        confidence: 'medium',
        sources: ['slash'],
        trigger: { originalTrigger: '/Deploy-All', normalizedTrigger: '/deploy all' },
      },
    ])
  })
})

describe('markdown-link', () => {
  test.each([
    ['[b](b.md)', ['references docs/b.md']],
    ['[up](../README.md#top) [q](x.md?raw=1)', ['references README.md', 'references docs/x.md']],
    ['[out](../../far.md)', ['references ../far.md']],
    ['![image](a.png) [anchor](#here) [root](/abs) [mail](mailto:x@y.z)', ['invokes /abs', 'mentions']],
    ['[t](b.md "A title") [same](./b.md)', ['references docs/b.md']],
    ['[a]b](c.md) [sp](a b.md) [](e.md)', ['references docs/e.md']],
    ['[a [b](c.md)', ['references docs/c.md']],
  ])('%j', async (body, links) => {
    expect((await linksOf(body)).filter((link) => link.startsWith('references'))).toEqual(
      links.filter((link) => link.startsWith('references')),
    )
  })

  test('gives the line in the body and the destination as written', async () => {
    const { result } = await scanFolder({ files: { 'docs/a.md': `${named('a')}one\n\n[b](./b.md#x)\n[c](c.md)\n` } })
    expect(result.links.map(({ location, trigger }) => ({ location, trigger }))).toEqual([
      { location: { line: 3 }, trigger: { originalTrigger: './b.md#x', normalizedTrigger: 'docs/b.md' } },
      { location: { line: 4 }, trigger: { originalTrigger: 'c.md', normalizedTrigger: 'docs/c.md' } },
    ])
  })
})

describe('external-url-counter', () => {
  const countOf = async (body: string) => {
    const done = await scanFolder({ files: { 'a.md': body } })
    const { result } = done
    const said = saidIn(done).find(({ contributionId }) => contributionId === 'count')
    expect(result.links).toEqual([])
    return { refs: result.nodes[0]?.externalRefsCount, said: said?.payload }
  }

  test.each([
    ['https://a.example/x, http://b.example.', 2],
    ['https://a.example/x#one https://a.example/x#two https://A.example/x!', 1],
    ['<https://a.example> "https://b.example" [x](https://c.example)', 3],
    ['ftp://a.example https:// https://[', 0],
  ])('%j', async (body, count) => {
    expect(await countOf(body)).toEqual({ refs: count, said: count === 0 ? undefined : { value: count } })
  })
})

describe('annotations', () => {
  const sidecar = (annotations: string) =>
    `identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations:\n${annotations}`

  test('links what a sidecar says of other nodes', async () => {
    const { result } = await scanFolder({
      files: {
        'a.md': 'x',
        'a.sm': sidecar(
          '  supersedes: [old.md, old.md]\n  supersededBy: new.md\n  requires: [r.md]\n  related: [r.md]\n  conflictsWith: [c.md]',
        ),
      },
    })
    expect(result.links.map((link) => `${link.source} ${brief(link)} ${link.confidence}`)).toEqual([
      'a.md supersedes old.md high',
      'a.md references r.md high',
      'a.md references c.md high',
      'new.md supersedes a.md high',
    ])
    expect(result.links.every(({ trigger }) => trigger === undefined)).toBe(true)
    expect(result.nodes[0]).toMatchObject({ linksOutCount: 3, linksInCount: 1 })
  })

  test('reads a successor as text, not as a list', async () => {
    const { result } = await scanFolder({ files: { 'a.md': 'x', 'a.sm': sidecar('  supersededBy: b.md') } })
    expect(result.links.map(({ source }) => source)).toEqual(['b.md'])
    expect(result.issues.map(({ ruleId, data }) => ({ ruleId, data }))).toEqual([
      { ruleId: 'superseded', data: { supersededBy: 'b.md' } },
      { ruleId: 'annotation-stale', data: { status: 'stale-both' } },
    ])
  })
})

describe('code is no text', () => {
  test.each([
    ['a fence', '```\n@a /b [c](c.md) https://d.example\n```\n@after'],
    ['a fence of tildes', '~~~sh\n/b\n~~~\n@after'],
    ['an open fence', '@after\n\n```\n@a\n/b'],
    ['a fence in a list', '- x\n\n  ```\n  @a\n  ```\n\n@after'],
    ['a fence in a quote', '> ```\n> @a\n> ```\n\n@after'],
    ['an indented block', 'x\n\n    @a\n\n@after'],
    ['a code span', 'x `@a` `` /b ` `` @after'],
    ['a code span over lines', 'x `@a\n/b` @after'],
    ['CRLF', 'x\r\n\r\n```\r\n@a\r\n```\r\n@after'],
  ])('%s', async (_, body) => {
    expect(await linksOf(body)).toEqual(['mentions @after'])
  })

  test.each([
    ['a backtick without its pair', 'a ` b @one'],
    ['an escaped backtick', '\\`@one\\`'],
    ['runs of different lengths', '``@one`'],
    ['a backtick beyond its paragraph', 'a `\n\n@one ` b'],
    ['an indented line of a paragraph', 'x\n    @one'],
    ['a backtick within a span of two', '``a ` b`` @one ` c'],
    ['HTML', '<p>\n@one\n</p>'],
  ])('%s hides nothing', async (_, body) => {
    expect(await linksOf(body)).toEqual(['mentions @one'])
  })

  test('a backslash takes one backtick off the run that opens, none off the one that closes', async () => {
    expect(await linksOf('\\``@a` @b')).toEqual(['mentions @b'])
    expect(await linksOf('`@a\\` @b')).toEqual(['mentions @b'])
  })

  test('does not move the line of a link', async () => {
    const { result } = await scanFolder({ files: { 'a.md': '```\n[x](x.md)\n```\n\n`y` [z](z.md)\n' } })
    expect(result.links.map(({ target, location }) => [target, location])).toEqual([['z.md', { line: 5 }]])
  })
})
