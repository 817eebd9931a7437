import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { builtInPlugins, containedExtensions, type Provider, type WalkedNode } from '@tenon/map'
import { limits, type Json } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { named, pluginOf, scanFolder, writeFiles, type Files } from './folder-scan.ts'
import { extractor, messages, provider, scanWith, walkingProvider } from './foreign-extension.ts'

const noted = ({ result }: Awaited<ReturnType<typeof scanWith>>): string[] =>
  result.nodes.map(({ path, provider: by, frontmatter }) => `${path} ${by} ${JSON.stringify(frontmatter)}`)

describe('the parser "plain"', () => {
  const plain = (more: Partial<Provider> = {}) =>
    provider({ read: { extensions: ['.md', '.txt'], parser: 'plain' }, ...more })

  test('takes all of a file for its body, and finds no fault with its front matter', async () => {
    const text = `${named('a')}rest`
    const { result } = await scanWith([plain()], { 'notes/a.md': text, 'notes/b.txt': '---\nname: [\n---\n' })
    expect(result.nodes.map(({ bytes }) => bytes)).toEqual([
      { frontmatter: 0, body: Buffer.byteLength(text), total: Buffer.byteLength(text) },
      { frontmatter: 0, body: 16, total: 16 },
    ])
    expect(result.nodes.map(({ frontmatter }) => frontmatter)).toEqual([{}, {}])
    expect(result.issues).toEqual([])
  })

  test('is that of its Provider, and of no other that reads the same file', async () => {
    const files = { 'notes/a.md': named('a'), 'notes/b.md': 'b' }
    const other = provider({ id: 'other', classify: (_, { name }) => (name === undefined ? null : 'note') })
    expect(noted(await scanWith([other, plain()], files))).toEqual([
      'notes/a.md other {"name":"a","description":"About a."}',
      'notes/b.md notes {}',
    ])
    const nameless = plain({ classify: (_, front) => (Object.keys(front).length === 0 ? 'note' : null) })
    expect(noted(await scanWith([nameless, other], files))).toEqual(['notes/a.md notes {}', 'notes/b.md notes {}'])
  })

  test('is one of two', async () => {
    const { faults } = await scanWith([{ ...plain(), read: { extensions: ['.md'], parser: 'toml' } }])
    expect(faults).toMatchObject([{ status: 'load-error', reason: expect.stringContaining('/read/parser') }])
  })
})

test.each([['/etc/**'], ['~/notes'], ['../x'], ['a/../../x'], ['']])(
  'no Provider is for the paths %j',
  async (root) => {
    const { faults } = await scanWith([provider({ roots: [root] })])
    expect(faults).toMatchObject([{ status: 'load-error', reason: expect.stringContaining('/roots/0') }])
  },
)

test('what a Provider is for restricts nothing', async () => {
  expect(noted(await scanWith([provider({ roots: ['elsewhere/**'] })], { 'notes/a.md': '' }))).toEqual([
    'notes/a.md notes {}',
  ])
})

/** A Provider of which the walk yields exactly this. */
const yields = (...records: unknown[]): Provider =>
  walkingProvider({ classify: () => 'note', walk: () => records as WalkedNode[] })

describe('a Provider that walks', () => {
  test('finds and reads its files itself, and takes those that it names a kind of', async () => {
    const { result, errors } = await scanWith([walkingProvider()], {
      ...{ 'a.md': 'x', 'c/b.txt': 'said', 'c/b.sm': 'identity: {path: c/b.txt, bodyHash: x, frontmatterHash: y}' },
      'c/node_modules/x.txt': '',
    })
    expect(errors).toEqual([])
    expect(result.nodes).toMatchObject([
      {
        ...{ path: 'c/b.txt', kind: 'note', provider: 'walker', frontmatter: { names: 'b.sm,b.txt,node_modules' } },
        ...{ bytes: { frontmatter: 30, body: 4, total: 34 }, sidecar: { status: 'stale-both' } },
      },
      { path: 'a.md', provider: 'markdown' },
    ])
    expect(result.issues.map(({ ruleId }) => ruleId)).toEqual(['annotation-stale'])
    expect(result.stats).toMatchObject({ filesWalked: 2, filesSkipped: 0 })
  })

  test('has its text looked at by extractors, and its front matter held to the schema of its kind', async () => {
    const strict = yields({ path: 'a.txt', body: '@b', frontmatterRaw: 'n: 1', frontmatter: { n: 1 } })
    const note = { ...Object(strict.kinds['note']), schema: { type: 'object', required: ['title'] } }
    const { result } = await scanWith([{ ...strict, kinds: { note } }], { 'a.txt': '' })
    expect(result.links.map(({ target }) => target)).toEqual(['@b'])
    expect(result.issues.map(({ ruleId }) => ruleId)).toContain('frontmatter-invalid')
  })

  test('comes in its turn, like one that has its files read', async () => {
    const files = { 'c/a.md': '', 'c/b.md': '', 'notes/c.md': '' }
    const before = provider({ id: 'before', classify: (path) => (path === 'c/b.md' ? 'note' : null) })
    const { result } = await scanWith([before, walkingProvider(), provider({ id: 'after' })], files)
    expect(result.nodes.map(({ path, provider: by }) => `${path} ${by}`)).toEqual([
      'c/b.md before',
      'c/a.md walker',
      'notes/c.md after',
    ])
  })

  test('has nothing read for it, whatever it declares to read', async () => {
    const { result } = await scanWith([{ ...yields(), read: { extensions: ['.txt'], parser: 'plain' } }], {
      'a.txt': '',
    })
    expect(result.nodes).toEqual([])
  })

  test('goes through each root by itself, in parts', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`one/c/${1000 + index}.txt`, '']))
    const roots: string[][] = []
    const walker = walkingProvider()
    const walk = (...given: Parameters<Required<Provider>['walk']>) => {
      roots.push(given[0])
      return walker.walk?.(...given) ?? []
    }
    const extensions = [...builtInPlugins, ...pluginOf('p', [{ ...walker, walk }])]
    const { result } = await scanFolder({ files: { ...many, 'two/c/x.txt': '' }, roots: ['one', 'two'], extensions })
    expect([result.nodes.length, result.nodes.at(-1)?.path]).toEqual([301, 'c/x.txt'])
    expect(roots.map(([root]) => root?.split('/').at(-1))).toEqual(['one', 'two'])
  })

  const DEEP = JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) as Json

  test.each<[string, unknown, RegExp]>([
    ['leads out', { path: '../x.md', body: '' }, /"\.\.\/x\.md" is no file in the root/],
    ['is absolute', { path: '/etc/hostname', body: '' }, /"\/etc\/hostname" is no file/],
    ['is not there', { path: 'gone.md', body: '' }, /"gone\.md" is no file/],
    ['is a folder', { path: 'c', body: '' }, /"c" is no file/],
    ['is ignored', { path: 'node_modules/x.md', body: '' }, /"node_modules\/x\.md" is no file/],
    ['is a link', { path: 'link.md', body: '' }, /"link\.md" is no file/],
    ['is a sidecar', { path: 'a.sm', body: '' }, /"a\.sm" is no file/],
    ['was there before', { path: 'b.md', body: 'again' }, /"b\.md" was yielded before/],
    ['is none', { body: '' }, /\/path/],
    ['has no body', { path: 'a.md', body: 7 }, /\/body/],
    ['has no mapping', { path: 'a.md', body: '', frontmatter: [1] }, /\/frontmatter/],
    ['is nested too deep', { path: 'a.md', body: '', frontmatter: { a: DEEP } }, /nested more than 100 deep/],
    ['is no JSON', { path: 'a.md', body: '', frontmatter: { a: 1n } }, /expected|must/i],
    ['is nothing', null, /expected|must/i],
  ])('loses a record whose path or content %s, and no other', async (_, record, told) => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'a.md': '', 'a.sm': '', 'b.md': '', 'c/d.md': '', 'node_modules/x.md': '' })
    symlinkSync(join(folder, 'b.md'), join(folder, 'link.md'))
    const extensions = [...builtInPlugins, ...pluginOf('p', [yields({ path: 'b.md', body: 'B' }, record)])]
    const { result, errors } = await scanFolder({ folder, extensions })
    expect(result.nodes.flatMap(({ path, provider: by }) => (by === 'walker' ? path : []))).toEqual(['b.md'])
    expect(messages(errors)).toEqual([expect.stringMatching(told)])
  })

  test('loses a file that is too large, as any other', async () => {
    const large = yields({ path: 'a.txt', body: 'x'.repeat(limits.mapFileBytes + 1) })
    const { result, events } = await scanWith([large], { 'a.txt': '' })
    expect(result.nodes).toEqual([])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'scan.skipped', data: { path: 'a.txt', reason: 'too-large' } }),
    )
  })

  test('keeps front matter from reaching a prototype', async () => {
    const frontmatter = JSON.parse('{"__proto__": {"x": 1}, "a": 1}') as WalkedNode['frontmatter']
    expect(noted(await scanWith([yields({ path: 'a.txt', body: '', frontmatter })], { 'a.txt': '' }))).toEqual([
      'a.txt walker {"a":1}',
    ])
  })

  test.each<[string, Required<Provider>['walk'], RegExp]>([
    [
      'throws on its way',
      function* () {
        yield { path: 'a.txt', body: '' }
        throw new Error('lost my way')
      },
      /lost my way/,
    ],
    [
      'never ends',
      function* () {
        for (;;) yield { path: 'a.txt', body: '' }
      },
      /more files than there are/,
    ],
    ['yields nothing that can be gone through', () => 7 as never, /iterable/],
  ])('and %s loses all that it yielded, and the scan goes on', async (_, walk, told) => {
    const { result, errors } = await scanWith([walkingProvider({ classify: () => 'note', walk })], {
      ...{ 'a.txt': '', 'b.md': '' },
    })
    expect(result.nodes.map(({ path, provider: by }) => `${path} ${by}`)).toEqual(['b.md markdown'])
    expect(messages(errors)).toEqual([expect.stringMatching(told)])
  })
})

describe('a walk in a worker', () => {
  const manifest = { ...JSON.parse(JSON.stringify(provider({ id: 'far' }))), kind: 'provider' } as Json

  /** A scan with a walker that answers each call with the next of these. */
  const scanBy = async (files: Files, answers: Json[]) => {
    const calls: { operation: string; input: Json }[] = []
    let stopped = 0
    const parts = answers.values()
    const far = await containedExtensions(
      async (operation, input) => {
        if (operation === 'describe') return [{ manifest, kinds: ['provider', 'walk'] }]
        const [asked] = JSON.parse((Object(input) as { part: string }).part) as [unknown[]]
        return { part: JSON.stringify(asked.map(() => ({ value: 'note' }))), isLast: true }
      },
      async () => ({
        call: async (operation, input) => {
          calls.push({ operation, input })
          return { part: JSON.stringify(parts.next().value), isLast: true }
        },
        stop: async () => void (stopped += 1),
      }),
    )
    const plugin = { id: 'p', version: '1.0.0', granularity: 'bundle' } as const
    const extensions = [...builtInPlugins, ...far.map((described) => ({ plugin, ...described }))]
    return { ...(await scanFolder({ files, extensions })), calls, stopped: () => stopped }
  }

  test('is asked part by part, told nothing but what may be looked at, and ended', async () => {
    const answers = [
      { part: [{ path: 'b.txt', body: 'b' }], isLast: false },
      { part: [{ path: 'a.txt', body: 'a' }], isLast: true },
    ]
    const { result, calls, stopped } = await scanBy({ 'a.txt': '', 'b.txt': '', 'c/d.log': '' }, answers)
    expect(result.nodes.map(({ path }) => path)).toEqual(['a.txt', 'b.txt'])
    expect(calls.map(({ input }) => input)).toEqual([
      { index: 0, kind: 'walk', part: '[{"kept":["c","a.txt","b.txt"]}]' },
      { index: 0, kind: 'walk', part: '[null]' },
    ])
    expect(stopped()).toBe(1)
  })

  test.each<[string, Json]>([
    ['no part', {}],
    ['no list', { part: 'x', isLast: false }],
    ['parts without end', { part: Array.from({ length: 9 }, () => ({ path: 'a.txt', body: '' })), isLast: false }],
  ])('that gives %s is ended, and costs the scan no other output', async (_, answer) => {
    const { result, errors, stopped } = await scanBy({ 'a.txt': '', 'b.md': '' }, [answer, answer, answer])
    expect([result.nodes.map(({ path }) => path), errors.length, stopped()]).toEqual([['b.md'], 1, 1])
  })
})

test('an extractor sees what a Provider that walks read', async () => {
  const seen: string[] = []
  const looks = extractor({ extract: ({ body, frontmatter }) => void seen.push(body, JSON.stringify(frontmatter)) })
  await scanWith([walkingProvider(), looks], { 'c/a.md': 'text' })
  expect(seen).toEqual(['TEXT', '{"names":"a.md"}'])
})
