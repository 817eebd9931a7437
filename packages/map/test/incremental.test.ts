import { DatabaseSync } from 'node:sqlite'
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtInPlugins, openMapStore, scan, type Extractor, type Scan, type Trust } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import type { KnownFile } from '../src/kernel/snapshot.ts'
import { named, pluginOf, saidIn, writeFiles } from './folder-scan.ts'
import { extractor, provider, rule, walkingProvider } from './foreign-extension.ts'
import { LATER, mapOver, worldAt } from './map-over.ts'

/** What a scan found out, without what differs from run to run. */
const found = ({ result: { scannedAt: _, stats, ...result } }: Scan) => ({
  ...result,
  stats: { ...stats, durationMs: 0 },
})

const FILES = { 'a.md': `${named('a')}@b`, 'b.md': `${named('b')}[a](a.md) <http://x.y/>`, 'c/d.md': 'plain' }

describe('a scan of what changed', () => {
  test('reads nothing that a look shows unchanged, and finds what a whole scan finds', async () => {
    const { run, write, folder } = mapOver(FILES)
    const first = await run('nothing')
    expect(first.unread).toEqual([])
    const second = await run('stat')
    expect(second.unread).toEqual(['a.md', 'b.md', 'c/d.md'])
    expect(found(second)).toEqual(found(first))
    write({ 'b.md': `${named('b')}@a` })
    const third = await run('stat')
    expect(third.unread).toEqual(['a.md', 'c/d.md'])
    expect(found(third)).toEqual(found(await mapAt(folder)))
  })

  test('that is to verify reads everything, and lets extractors look only at what is not the same', async () => {
    const seen: string[] = []
    const looks = pluginOf('p', [extractor({ extract: ({ node }) => void seen.push(node.path) })])
    const { run, write, folder } = mapOver(FILES)
    await run('nothing', [...builtInPlugins, ...looks])
    const at = new Date(LATER)
    write({ 'c/d.md': 'PLAIN' })
    for (const path of ['a.md', 'c/d.md']) utimesSync(join(folder, path), at, at)
    seen.length = 0
    expect((await run('text', [...builtInPlugins, ...looks])).unread).toEqual([])
    expect(seen).toEqual(['c/d.md'])
  })

  test('is not deceived by a time of change that somebody set back', async () => {
    const { run, write, folder } = mapOver(FILES)
    const at = new Date(LATER - 1_000_000)
    utimesSync(join(folder, 'a.md'), at, at)
    await run('nothing')
    write({ 'a.md': `${named('a')}@c` })
    utimesSync(join(folder, 'a.md'), at, at)
    const { result } = await run('stat')
    expect(result.links.map(({ target }) => target)).toContain('@c')
  })

  test('reads again what had only just changed when it was read', async () => {
    const { folder } = mapOver(FILES)
    const store = openMapStore(join(temporaryFolder(), 'map.db'), simulatedWorld(1))
    const world = { ...simulatedWorld(1, { cwd: folder }), now: () => Date.now() }
    const options = { tokens: false, trust: 'stat' as const }
    store.persist(await scan({ roots: ['.'], world, options }))
    const looks = [...store.snapshot().knowledge.files.values()].map(({ look }) => look)
    expect(looks).toEqual([undefined, undefined, undefined])
  })

  test('lets a new extractor look at everything, and one that is gone leaves nothing', async () => {
    const mentions = pluginOf('p', [
      extractor({ extract: ({ emitLink }) => emitLink({ kind: 'mentions', target: 'z' }) }),
    ])
    const { run, store } = mapOver(FILES)
    await run('nothing')
    const more = await run('stat', [...builtInPlugins, ...mentions])
    expect(more.result.links.filter(({ target }) => target === 'z')).toHaveLength(3)
    const less = await run('stat')
    expect(less.result.links.filter(({ target }) => target === 'z')).toEqual([])
    expect([...store.snapshot().knowledge.files.values()].flatMap((file) => Object.keys(file.found))).not.toContain(
      'p/mine',
    )
  })

  test.each<[string, Partial<Extractor>, object]>([
    ['of another version', { version: '2.0.0' }, {}],
    ['whose files changed', {}, { digest: 'other' }],
  ])('lets an extractor %s look again', async (_, more, facts) => {
    const seen: string[] = []
    const looks = (of: Partial<Extractor>, plugin: object) =>
      pluginOf('p', [extractor({ extract: ({ node }) => void seen.push(node.path), ...of })], plugin)
    const { run } = mapOver(FILES)
    await run('nothing', [...builtInPlugins, ...looks({}, {})])
    await run('stat', [...builtInPlugins, ...looks({}, {})])
    expect(seen).toHaveLength(3)
    await run('stat', [...builtInPlugins, ...looks(more, facts)])
    expect(seen).toHaveLength(6)
  })

  test('lets an extractor look again by another setting, but keeps nothing of a secret that it could be guessed by', async () => {
    const seen: string[] = []
    const settings = { word: { type: 'single-string', label: 'W' }, key: { type: 'secret', label: 'K' } } as const
    const looks = pluginOf('p', [extractor({ extract: ({ node }) => void seen.push(node.path) })], { settings })
    const { run, store } = mapOver({ 'a.md': 'x' })
    const inputs = (): string | undefined => store.snapshot().knowledge.inputs['p/mine']
    const scanned = async (word: string, key: string): Promise<void> =>
      void (await run('stat', [...builtInPlugins, ...looks], { settings: { p: { word } }, secrets: { p: { key } } }))
    await scanned('one', 'secret')
    const before = inputs()
    await scanned('one', 'other')
    expect([seen.length, inputs()]).toEqual([1, before])
    await scanned('two', 'other')
    expect([seen.length, inputs() === before]).toEqual([2, false])
  })

  test.each(['whole', 'sparse'] as const)('asks an extractor again that failed, reading %s', async (reading) => {
    let fails = true
    const looks = extractor({
      extract: ({ emitLink }) => {
        if (fails) throw new Error('not now')
        emitLink({ kind: 'mentions', target: 'z' })
      },
    })
    const { run } = mapOver({ 'a.md': '' })
    await run('nothing', [...builtInPlugins, ...pluginOf('p', [looks])])
    fails = false
    const { result } = await run('stat', [...builtInPlugins, ...pluginOf('p', [looks])], {}, reading)
    expect(result.links.map(({ target }) => target)).toEqual(['z'])
  })

  test('keeps what was said of nodes that nobody looked at again, and clears what is not said again', async () => {
    const counts = extractor({
      extract: ({ body, emitContribution }) => {
        if (body.includes('count')) emitContribution('total', { value: 3 })
      },
    })
    const { run, write, store } = mapOver({ 'a.md': 'count', 'b.md': 'count' })
    const extensions = [...builtInPlugins, ...pluginOf('p', [counts])]
    await run('nothing', extensions)
    write({ 'b.md': 'nothing' })
    await run('stat', extensions)
    const kept = store.readContributions().filter(({ pluginId }) => pluginId === 'p')
    expect(kept.map(({ nodePath }) => nodePath)).toEqual(['a.md'])
  })

  test('drops what was said of a node that is gone, and under a name that is declared no longer', async () => {
    const says = (id: string) =>
      pluginOf('p', [
        extractor({
          viewContributions: { [id]: { contract: 'node-counter', icon: '🔍' } },
          extract: ({ emitContribution }) => emitContribution(id, { value: 3 }),
        }),
      ])
    const { run, store, folder } = mapOver({ 'a.md': 'x', 'b.md': 'y' })
    const kept = (): string[] =>
      store
        .readContributions()
        .filter(({ pluginId }) => pluginId === 'p')
        .map(({ nodePath, contributionId }) => `${nodePath} ${contributionId}`)
    await run('nothing', [...builtInPlugins, ...says('total')])
    rmSync(join(folder, 'b.md'))
    await run('stat', [...builtInPlugins, ...says('total')])
    expect(kept()).toEqual(['a.md total'])
    await run('stat', [...builtInPlugins, ...says('sum')])
    expect(kept()).toEqual(['a.md sum'])
  })

  test('that somebody else came before is kept whole all the same', async () => {
    const { run, write, store, folder } = mapOver({ 'a.md': 'x' })
    await run('nothing')
    const before = store.snapshot()
    write({ 'b.md': '@c' })
    await run('stat')
    rmSync(join(folder, 'b.md'))
    const done = await scan({ roots: ['.'], world: worldAt(folder), options: { tokens: false, before, trust: 'stat' } })
    store.persist(done)
    expect([...store.snapshot().knowledge.files.keys()]).toEqual(['a.md'])
    expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(done.result))
  })

  test('goes on from nothing where what is known of files was not read', async () => {
    const { run, store, folder } = mapOver({ 'a.md': 'x', 'b.md': 'y' })
    await run('nothing')
    const before = store.snapshot('nothing')
    rmSync(join(folder, 'b.md'))
    const done = await scan({ roots: ['.'], world: worldAt(folder), options: { tokens: false, before, trust: 'stat' } })
    store.persist(done)
    expect([...store.snapshot().knowledge.files.keys()]).toEqual(['a.md'])
    expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(done.result))
  })

  test('keeps nodes in the order that the Providers have now', async () => {
    const claims = (id: string, own: string) => provider({ id, classify: (path) => (path === own ? 'note' : null) })
    const extensions = pluginOf('p', [claims('one', 'a.md'), claims('two', 'b.md')])
    const { run, store } = mapOver({ 'a.md': 'x', 'b.md': 'y' })
    for (const [providers, paths] of [
      [
        ['one', 'two'],
        ['a.md', 'b.md'],
      ],
      [
        ['two', 'one'],
        ['b.md', 'a.md'],
      ],
    ]) {
      const { result } = await run('stat', extensions, { providers: providers ?? [] })
      expect(result.nodes.map(({ path }) => path)).toEqual(paths)
      expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(result))
    }
  })

  test('does not rely on rows that another program has kept', async () => {
    const { run, write, path, store } = mapOver({ 'a.md': '@b' })
    const { after } = await run('nothing')
    const database = new DatabaseSync(path)
    database.exec("UPDATE scan_meta SET scanned_at = 7; UPDATE scan_links SET target_path = '@c'")
    database.close()
    write({ 'b.md': 'x' })
    const { result } = await run('stat', builtInPlugins, { before: after })
    expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(result))
  })

  test('sees a sidecar that came, changed or went', async () => {
    const { run, write, folder } = mapOver({ 'a.md': 'x', 'b.md': 'y' })
    const identity = 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\n'
    await run('nothing')
    write({ 'a.sm': `${identity}annotations: {requires: [b.md]}\n` })
    expect((await run('stat')).result.links).toMatchObject([{ source: 'a.md', target: 'b.md' }])
    write({ 'a.sm': `${identity}annotations: {supersededBy: b.md}\n` })
    expect((await run('stat')).result.links).toMatchObject([{ source: 'b.md', target: 'a.md', kind: 'supersedes' }])
    rmSync(join(folder, 'a.sm'))
    expect((await run('stat')).result.links).toEqual([])
  })

  test('keeps a link that one file lends to another, and no longer than it does', async () => {
    const { run, write, store, folder } = mapOver({ 'a.md': 'x', 'b.md': '[c](c.md)' })
    const held = (): string[] | undefined => store.readScan()?.links.map(({ source, target }) => `${source} ${target}`)
    await run('nothing')
    write({ 'a.sm': 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {supersededBy: b.md}\n' })
    await run('stat')
    expect(held()).toEqual(['b.md a.md', 'b.md c.md'])
    rmSync(join(folder, 'a.sm'))
    await run('stat')
    expect(held()).toEqual(['b.md c.md'])
  })
})

/** What is known of files, without how it is read. */
const plain = (files: ReadonlyMap<string, KnownFile>) =>
  [...files].map(([of, { look, provider: by, found: links }]) => [of, look, by, links]).toSorted()

/** A scan of a folder from nothing. */
async function mapAt(folder: string): Promise<Scan> {
  return scan({ roots: ['.'], world: worldAt(folder), options: { tokens: false } })
}

const PLUGINS = {
  links: pluginOf('links', [
    extractor({
      extract: ({ body, emitLink, emitContribution }) => {
        emitLink({ kind: 'mentions', target: `z${body.length}` })
        if (body.length % 2 === 0) emitContribution('total', { value: body.length })
      },
    }),
  ]),
  // Takes what has no name, and so sees of a file more than the one that has it from `plain` keeps.
  nameless: pluginOf('nameless', [provider({ classify: (_, { name }) => (name === undefined ? 'note' : null) })]),
  named: pluginOf('named', [provider({ classify: (_, { name }) => (name === undefined ? null : 'note') })]),
  plain: pluginOf('plain', [
    provider({
      read: { extensions: ['.md', '.txt'], parser: 'plain' },
      classify: (path) => (path.startsWith('c/') ? 'note' : null),
    }),
  ]),
  // Has files listed that nobody may claim.
  lists: pluginOf('lists', [provider({ read: { extensions: ['.txt'], parser: 'plain' }, classify: () => null })]),
  judges: pluginOf('judges', [
    rule({
      viewContributions: { size: { contract: 'node-counter', icon: 'x' } },
      dependsOn: {
        nodes: [
          ['bytes', 'total'],
          ['frontmatter', 'name'],
        ],
        links: true,
        each: true,
      },
      evaluate: ({ nodes, links, emitContribution }) => {
        for (const { path: at, bytes } of nodes)
          if (bytes.total > 5) emitContribution(at, 'size', { value: bytes.total })
        return links.map((link) => ({ ruleId: 'bad-node', nodeIds: [link.source], message: `To ${link.target}.` }))
      },
    }),
  ]),
  // What it reads of a file depends on others.
  walks: pluginOf('walks', [walkingProvider()]),
}
type PluginName = keyof typeof PLUGINS
const NAMES = Object.keys(PLUGINS) as PluginName[]

type Edit =
  | { write: string; text: string }
  | { remove: string }
  | { move: string; to: string }
  | { plugin: PluginName; to: 'in' | 'out' }

const path = fc.constantFrom('a.md', 'b.md', 'c/d.md', 'c/e.md', '.claude/agents/f.md', 'a.sm', 'notes/g.md', 'c/x.txt')
const text = fc.constantFrom(
  ...['', 'plain', '@a @b', '[d](c/d.md) /b', `${named('a')}/x`, named('b', 'tags: [t]\n'), '---\nname: [\n---\n'],
  'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {requires: [b.md], supersededBy: c/d.md}\n',
)
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: path, text }) },
  { weight: 2, arbitrary: fc.record({ remove: path }) },
  { weight: 2, arbitrary: fc.record({ move: path, to: path }) },
  {
    weight: 2,
    arbitrary: fc.record({ plugin: fc.constantFrom(...NAMES), to: fc.constantFrom('in' as const, 'out' as const) }),
  },
)

/** Gives the absolute paths of what changed, as one who watches is told. */
function apply(folder: string, change: Edit): string[] {
  if ('plugin' in change) return []
  const paths = ['write', 'remove', 'move', 'to'].flatMap((key) => Object(change)[key] ?? [])
  if ('write' in change) writeFiles(folder, { [change.write]: change.text })
  else if ('remove' in change) rmSync(join(folder, change.remove), { force: true })
  else {
    writeFiles(folder, { [change.move]: 'moved' })
    mkdirSync(dirname(join(folder, change.to)), { recursive: true })
    renameSync(join(folder, change.move), join(folder, change.to))
  }
  return paths.map((one: string) => join(folder, one))
}

test('whatever is edited, moved, installed and removed, a scan of what changed equals one from nothing', async () => {
  const step = fc.record({
    edits: fc.array(edit, { maxLength: 4 }),
    trust: fc.constantFrom<Trust>('stat', 'text'),
    rereads: fc.boolean(),
    isWatched: fc.boolean(),
    reading: fc.constantFrom('whole' as const, 'sparse' as const),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const { folder, run, runs, store } = mapOver(FILES)
      const installed = new Set<PluginName>()
      let { after, carried } = await run('nothing')
      for (const { edits, trust, rereads, isWatched, reading } of steps) {
        const touched = new Set(edits.flatMap((change) => apply(folder, change)))
        const switched = edits.filter((change) => 'plugin' in change)
        for (const { plugin, to } of switched)
          if (to === 'in') installed.add(plugin)
          else installed.delete(plugin)
        const since = isWatched && switched.length === 0 ? { since: { carried, touched } } : {}
        const extensions = [
          ...builtInPlugins,
          ...NAMES.filter((name) => installed.has(name)).flatMap((name) => PLUGINS[name]),
        ]
        const done = await run(trust, extensions, rereads ? {} : { before: after, ...since }, reading)
        ;({ after, carried } = done)
        const world = worldAt(folder)
        const cold = await scan({ roots: ['.'], world, extensions, options: { tokens: false } })
        const ofFiles = done.result.issues.filter(
          ({ ruleId }) => !/^(orphan|auto-rename|contribution-orphan)/.test(ruleId),
        )
        const issuesCount = ofFiles.length
        const warm = { ...done.result, issues: ofFiles, stats: { ...done.result.stats, issuesCount } }
        expect(found({ ...done, result: warm })).toEqual(found(cold))
        expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(done.result))
        expect(plain(store.snapshot().knowledge.files)).toEqual(plain(done.knowledge.files))
        expect(store.snapshot().knowledge.judged).toEqual(done.knowledge.judged)
        expect(store.snapshot().knowledge.complaints).toEqual(done.knowledge.complaints)
        expect(store.snapshot().knowledge.folders).toEqual(done.knowledge.folders)
        const inOrder = (all: readonly unknown[]): string[] => all.map((one) => JSON.stringify(one)).toSorted()
        const ran = [...done.extractorRuns].flatMap(([nodePath, { node, lookedAtBy }]) =>
          [...lookedAtBy].map((extractorId) => ({ nodePath, extractorId, bodyHash: node.bodyHash })),
        )
        expect(inOrder(runs())).toEqual(inOrder(ran))
        expect(inOrder(store.readContributions())).toEqual(inOrder(saidIn(cold)))
      }
      writeFileSync(join(folder, 'done'), '')
    }),
    { numRuns: 40 },
  )
})
