import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { builtInPlugins, type ExtensionSource, type Rule, type ScanOptions } from '@tenon/map'
import { named, pluginOf, saidIn } from './folder-scan.ts'
import { extractor, provider, rule, walkingProvider } from './foreign-extension.ts'
import { mapOver } from './map-over.ts'

/** A map whose scans go on from each other in this process, told what was touched. */
async function goingOn(files: Record<string, string>, more: readonly ExtensionSource[] = []) {
  const map = mapOver(files)
  const extensions = [...builtInPlugins, ...more]
  let last = await map.run('nothing', extensions)
  const next = async (touched: readonly string[], other: ScanOptions = {}) => {
    const since = { carried: last.carried, touched: new Set(touched.map((path) => join(map.folder, path))) }
    last = await map.run('stat', extensions, { before: last.after, since, ...other })
    return last
  }
  return { ...map, next, first: last }
}

const pathsOf = ({ result }: { result: { nodes: readonly { path: string }[] } }): string[] =>
  result.nodes.map(({ path }) => path)

describe('a scan that goes on in the same process', () => {
  test('looks at nothing but what was touched', async () => {
    const { next, write, first } = await goingOn({ 'a.md': 'a', 'b.md': 'b', 'c/d.md': 'd' })
    write({ 'a.md': '[b](b.md)', 'b.md': 'unseen', 'c/e.md': 'unseen' })
    const seen = await next(['a.md'])
    expect(pathsOf(seen)).toEqual(['a.md', 'b.md', 'c/d.md'])
    expect(seen.result.nodes.map(({ bodyHash }, at) => bodyHash === first.result.nodes[at]?.bodyHash)).toEqual([
      ...[false, true, true],
    ])
    expect(pathsOf(await next(['b.md', 'c/e.md']))).toEqual(['a.md', 'b.md', 'c/d.md', 'c/e.md'])
  })

  test('finds folders that came, went and became files, by what is in them alone', async () => {
    const { next, write, folder } = await goingOn({ 'a.md': '', 'old/deep/b.md': '', 'x.md/c.md': '' })
    write({ 'new/deep/d.md': '' })
    rmSync(join(folder, 'old'), { recursive: true })
    rmSync(join(folder, 'x.md'), { recursive: true })
    write({ 'x.md': '' })
    expect(pathsOf(await next(['new/deep/d.md', 'old', 'x.md']))).toEqual(['a.md', 'new/deep/d.md', 'x.md'])
    rmSync(join(folder, 'new'), { recursive: true })
    mkdirSync(join(folder, 'new'))
    write({ 'new/e.md': '' })
    expect(pathsOf(await next(['new']))).toEqual(['a.md', 'new/e.md', 'x.md'])
  })

  test('sees a sidecar that came, changed and went', async () => {
    const { next, write, folder } = await goingOn({ 'a.md': 'a' })
    const sidecar = (version: number): string =>
      `identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {version: ${version}}\n`
    const version = async (): Promise<unknown> =>
      (await next(['a.sm'])).result.nodes[0]?.sidecar?.annotations?.['version']
    write({ 'a.sm': sidecar(1) })
    expect(await version()).toBe(1)
    write({ 'a.sm': sidecar(2) })
    expect(await version()).toBe(2)
    rmSync(join(folder, 'a.sm'))
    expect(await version()).toBeUndefined()
  })

  test('looks at everything where a Provider finds files itself, or when an option is another', async () => {
    const { next, write } = await goingOn({ 'a.md': 'a', 'c/d.md': 'd' }, pluginOf('p', [walkingProvider()]))
    write({ 'c/e.md': 'e' })
    expect(pathsOf(await next([]))).toContain('c/e.md')
    const plain = await goingOn({ 'a.md': 'a' })
    plain.write({ 'b.md': 'b' })
    expect(pathsOf(await plain.next([]))).toEqual(['a.md'])
    expect(pathsOf(await plain.next([], { strict: true }))).toEqual(['a.md', 'b.md'])
  })

  test('looks again at what had only just changed when it was read', async () => {
    const { run, folder, first } = await goingOn({ 'a.md': 'a', 'b.md': 'b' })
    const drafts = new Map(first.carried.drafts)
    const [path, draft] = [...drafts][0] ?? []
    if (path === undefined || draft === undefined) throw new Error('nothing was found')
    const { look: _, ...unsettled } = draft.known
    drafts.set(path, { ...draft, known: unsettled })
    writeFileSync(join(folder, 'a.md'), 'A')
    writeFileSync(join(folder, 'b.md'), 'B')
    const since = { carried: { ...first.carried, drafts }, touched: new Set<string>() }
    const { result } = await run('stat', builtInPlugins, { before: first.after, since })
    const isSame = result.nodes.map(({ bodyHash }, at) => bodyHash === first.result.nodes[at]?.bodyHash)
    expect(isSame).toEqual([false, true])
  })

  test('keeps the order of the rows where the database was cleaned up meanwhile', async () => {
    const { next, write, path, store } = await goingOn({ 'a.md': '@x', 'c.md': '@y', 'd.md': '' })
    const database = new DatabaseSync(path)
    database.exec('VACUUM')
    database.exec('UPDATE scan_nodes SET rowid = rowid / 1048576')
    database.close()
    write({ 'b.md': '@z', 'c.md': '' })
    const { result } = await next(['b.md', 'c.md'])
    expect(store.readScan()).toEqual(result)
  })
})

describe('a rule that says what its findings depend on', () => {
  /** Judges bodies by their hashes, and counts how often it is asked. */
  const counting = (more: Partial<Rule> = {}) => {
    const asked: number[] = []
    const judging = rule({
      viewContributions: { seen: { contract: 'node-counter', icon: 'x' } },
      dependsOn: { links: true },
      evaluate: ({ nodes, emitContribution }) => {
        asked.push(nodes.length)
        for (const { path } of nodes) emitContribution(path, 'seen', { value: 1 })
        return [{ ruleId: 'bad-node', nodeIds: ['a.md'], message: 'It is bad.' }]
      },
      ...more,
    })
    return { asked, plugins: pluginOf('p', [judging]) }
  }
  const found = (done: Awaited<ReturnType<typeof goingOn>>['first']) => [
    done.result.issues.filter(({ ruleId }) => ruleId === 'bad-node').length,
    saidIn(done).filter(({ pluginId }) => pluginId === 'p').length,
  ]

  test('is asked when that is another, and else what it found holds', async () => {
    const { asked, plugins } = counting()
    const { next, write } = await goingOn({ 'a.md': named('a'), 'b.md': '[a](a.md)' }, plugins)
    write({ 'b.md': 'Now [a](a.md)' })
    expect(found(await next(['b.md']))).toEqual([1, 2])
    expect(asked).toEqual([2])
    write({ 'b.md': 'Now @a' })
    expect(found(await next(['b.md']))).toEqual([1, 2])
    expect(asked).toEqual([2, 2])
  })

  test('is asked again when a node is gone of which it shows something', async () => {
    const { asked, plugins } = counting({ dependsOn: {} })
    const { next, folder } = await goingOn({ 'a.md': named('a'), 'b.md': 'b' }, plugins)
    rmSync(join(folder, 'b.md'))
    expect(found(await next(['b.md']))).toEqual([1, 1])
    expect(asked).toEqual([2, 1])
  })

  test('of each node is asked about those of which that is another', async () => {
    const { asked, plugins } = counting({ dependsOn: { nodes: [['frontmatter', 'name']], each: true } })
    const { next, write } = await goingOn({ 'a.md': named('a'), 'b.md': named('b'), 'c.md': 'c' }, plugins)
    write({ 'b.md': named('other'), 'c.md': 'C', 'd.md': 'd' })
    expect(found(await next(['b.md', 'c.md', 'd.md']))).toEqual([1, 4])
    expect(asked).toEqual([3, 2])
  })

  test('is asked about the whole graph again if some of what it found is dropped', async () => {
    const { asked, plugins } = counting({
      dependsOn: { nodes: [['bodyHash']], each: true },
      evaluate: ({ nodes, emitContribution }) => {
        asked.push(nodes.length)
        for (const { path } of nodes) emitContribution(path, 'seen', { value: 1 })
        return [{ ruleId: nodes.length === 1 ? 'others' : 'bad-node', nodeIds: ['a.md'], message: 'It is bad.' }]
      },
    })
    const { next, write } = await goingOn({ 'a.md': 'a', 'b.md': 'b' }, plugins)
    write({ 'b.md': 'B' })
    expect(found(await next(['b.md']))).toEqual([1, 2])
    expect(asked).toEqual([2, 1, 2])
  })

  test('in another form than it is said takes no part', async () => {
    const { plugins } = counting({ dependsOn: { nodes: 'all of it' as never } })
    const { first } = await goingOn({ 'a.md': 'a' }, plugins)
    expect(first.faults).toEqual([
      { pluginId: 'p', status: 'load-error', reason: expect.stringContaining('/dependsOn/nodes') },
    ])
  })

  test.each<[string, Partial<Rule>]>([
    ['that does not say it', { dependsOn: undefined as never }],
    ['of whose findings some were dropped', { emitsRuleIds: ['others'] }],
  ])('is asked each time if it is one %s', async (_, more) => {
    const { asked, plugins } = counting(more)
    const { next } = await goingOn({ 'a.md': 'a', 'b.md': 'b' }, plugins)
    await next([])
    expect(asked).toEqual([2, 2])
  })

  test('is asked each time where an extractor shows something under the same name', async () => {
    const { asked, plugins } = counting({ dependsOn: {} })
    const namesake = extractor({
      id: 'judge',
      viewContributions: { seen: { contract: 'node-counter', icon: 'x' } },
      extract: () => {},
    })
    const { next } = await goingOn({ 'a.md': 'a' }, [...plugins, ...pluginOf('p', [namesake])])
    await next([])
    expect(asked).toEqual([1, 1])
  })

  test('of a kind that is not a rule says nothing', async () => {
    const others = pluginOf('p', [
      { ...provider(), dependsOn: () => ({}) },
      { ...extractor(), dependsOn: () => ({}) },
    ])
    const { next, write } = await goingOn({ 'a.md': 'a' }, others)
    write({ 'notes/b.md': 'b' })
    expect(pathsOf(await next(['notes/b.md']))).toContain('notes/b.md')
  })
})
