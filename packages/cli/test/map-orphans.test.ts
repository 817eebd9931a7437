import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openMapStore } from '@tenon/map'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { tenonIn, type Parsed } from './in-process.ts'

const named = (body: string): string => `---\nname: n\ndescription: d\n---\n${body}`

type Files = Record<string, string>

/** A map that was scanned with these files, each of which is a favourite, and then with others. */
async function scannedTwice(before: Files, after: Files) {
  const home = temporaryFolder()
  const write = (files: Files): void => {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(home, path), text)
  }
  const sm = (words: string) => tenonIn(home)(words.split(' '), { binary: 'sm' })
  const withStore = <T>(work: (store: ReturnType<typeof openMapStore>) => T): T => {
    const store = openMapStore(join(home, '.skill-map/skill-map.db'), wallWorld())
    try {
      return work(store)
    } finally {
      store.close()
    }
  }
  write(before)
  await sm('scan')
  withStore(({ favorites }) => Object.keys(before).forEach((path) => favorites.add(path)))
  for (const path of Object.keys(before)) rmSync(join(home, path))
  write(after)
  await sm('scan')
  const orphans = async (flags = ''): Promise<string[]> =>
    (await sm(`orphans --json${flags}`)).json().map((issue: Parsed) => `${issue.ruleId} ${issue.nodeIds.join()}`)
  return { home, sm, orphans, favorites: () => withStore((store) => store.favorites.all()) }
}

describe('an orphan', () => {
  test('is listed, by its kind too', async () => {
    const { sm, orphans } = await scannedTwice({ 'a.md': 'one' }, { 'b.md': 'two' })
    expect(await orphans()).toEqual(['orphan a.md'])
    expect(await orphans(' --kind orphan')).toEqual(['orphan a.md'])
    expect(await orphans(' --kind medium')).toEqual([])
    expect((await sm('orphans')).stdout).toMatch(/^orphan +a\.md +a\.md is gone/m)
    expect((await sm('orphans --kind lost')).code).toBe(2)
  })

  test('is reconciled with a node, which gets what is kept about it', async () => {
    const { sm, orphans, favorites } = await scannedTwice({ 'a.md': 'one' }, { 'b.md': 'two' })
    expect((await sm('orphans reconcile a.md --to b.md -n')).code).toBe(0)
    expect([await orphans(), favorites()]).toEqual([['orphan a.md'], ['a.md']])
    expect((await sm('orphans reconcile a.md --to b.md')).code).toBe(0)
    expect([await orphans(), favorites()]).toEqual([[], ['b.md']])
    expect((await sm('scan --json')).json().issues).toEqual([])
  })

  test.each(['a.md --to c.md', 'x.md --to b.md'])(
    'is not reconciled as %s, where one of them is not there',
    async (words) => {
      const { sm, favorites } = await scannedTwice({ 'a.md': 'one' }, { 'b.md': 'two' })
      expect([(await sm(`orphans reconcile ${words}`)).code, favorites()]).toEqual([5, ['a.md']])
    },
  )
})

describe('a node that was taken for another', () => {
  test('gives back what is kept about that one, which is an orphan then', async () => {
    const { sm, orphans, favorites } = await scannedTwice({ 'a.md': named('one') }, { 'b.md': named('two') })
    expect([await orphans(), favorites()]).toEqual([['auto-rename-medium b.md'], ['b.md']])
    expect(await sm('orphans undo-rename b.md')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/would go back/),
    })
    expect((await sm('orphans undo-rename b.md --dry-run')).stdout).toMatch(/tried only/)
    expect(favorites()).toEqual(['b.md'])
    expect((await sm('orphans undo-rename b.md --force')).code).toBe(0)
    expect([await orphans(), favorites()]).toEqual([['orphan a.md'], ['a.md']])
    expect((await sm('orphans undo-rename b.md --force')).code).toBe(5)
  })

  test('is told which, where several can be meant', async () => {
    const before = { 'a.md': named('one'), 'b.md': named('two') }
    const { sm, orphans } = await scannedTwice(before, { 'c.md': named('three') })
    for (const words of ['', ' --from x.md'])
      expect(await sm(`orphans undo-rename c.md --force${words}`)).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('a.md or b.md'),
      })
    expect((await sm('orphans undo-rename c.md --force --from b.md')).code).toBe(0)
    expect(await orphans()).toEqual(['orphan a.md', 'orphan b.md'])
  })
})

describe('a refresh', () => {
  const EXTRACTOR = `export default {
  id: 'titles', kind: 'extractor', version: '1.0.0', emitsLinkKinds: [], defaultConfidence: 'low',
  extract: ({ body, enrichNode }) => enrichNode({ title: body.trim() }),
}
`

  /** A map of two nodes whose titles are kept. */
  async function titled() {
    const { home, sm } = await scannedTwice({}, { 'a.md': 'old', 'b.md': 'other' })
    const folder = join(home, '.skill-map/plugins/titles')
    mkdirSync(folder, { recursive: true })
    const manifest = { id: 'titles', version: '1.0.0', specCompat: '^0.19.0', extensions: ['x.mjs'] }
    writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'x.mjs'), EXTRACTOR)
    await sm('scan')
    writeFileSync(join(home, 'a.md'), 'new')
    const db = join(home, '.skill-map/skill-map.db')
    const titles = () => {
      using store = openMapStore(db, wallWorld())
      return store.readEnrichments().map(({ nodePath, value }) => [nodePath, value])
    }
    return { sm, db, titles }
  }

  test('lets extractors look at a node again, and keeps what they add', async () => {
    const { sm, titles } = await titled()
    expect((await sm('refresh a.md --json')).json()).toEqual({ refreshed: [{ nodePath: 'a.md', enrichments: 1 }] })
    expect(titles()).toEqual([
      ['b.md', { title: 'other' }],
      ['a.md', { title: 'new' }],
    ])
  })

  test('of what is stale takes every node of which something stale is kept, and no other', async () => {
    const { sm, db, titles } = await titled()
    const database = new DatabaseSync(db)
    database.exec("UPDATE node_enrichments SET stale = 1 WHERE node_path = 'a.md'")
    database.close()
    expect(await sm('refresh --stale')).toMatchObject({ code: 0, stdout: 'a.md: 1 enrichments\n' })
    expect(titles()).toContainEqual(['a.md', { title: 'new' }])
    expect((await sm('refresh --stale')).stdout).toBe('nothing to do\n')
  })

  test('of what is stale has nothing to do, and of what is no node ends with 5', async () => {
    const { home, sm } = await scannedTwice({}, { 'a.md': 'x' })
    expect(await sm('refresh --stale')).toMatchObject({ code: 0, stdout: 'nothing to do\n' })
    expect((await sm('refresh b.md')).code).toBe(5)
    rmSync(join(home, 'a.md'))
    expect((await sm('refresh a.md')).code).toBe(5)
    expect((await sm('refresh')).code).toBe(2)
    expect((await sm('refresh a.md --stale')).code).toBe(2)
  })
})
