import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openReader, type Columns, type RowOf } from '@tenon/database'
import { openMapStore, scanJson, type MapStore } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { issueOn, largeScan, linkOf, nodeAt, scanWith } from './synthetic-scan.ts'

type Opened = { store: MapStore; path: string; all: <C extends Columns>(columns: C, sql: string) => RowOf<C>[] }

function openStore(): Opened {
  const path = join(temporaryFolder(), 'map.db')
  const store = openMapStore(path, simulatedWorld(1))
  onTestFinished(() => store.close())
  return { store, path, all: (columns, sql) => rowsIn(path, columns, sql) }
}

function rowsIn<C extends Columns>(path: string, columns: C, sql: string): RowOf<C>[] {
  const reader = openReader(path)
  try {
    return reader.all(columns, sql)
  } finally {
    reader.close()
  }
}

const SINCE = { path: 'text', scanned_at: 'number' } as const
const IDS = { id: 'number', source_path: 'text' } as const

test('a scan writes only the rows that it changes', () => {
  const { store, all } = openStore()
  const paths = ['a.md', 'b.md', 'c.md']
  const runs = (hashOf: (path: string) => string) =>
    new Map(paths.map((path) => [path, { node: { bodyHash: hashOf(path) }, lookedAtBy: new Set(['core/slash']) }]))
  store.persist(
    scanWith({
      nodes: paths.map((path) => nodeAt(path)),
      links: paths.map((path) => linkOf(path, 'x')),
      extractorRuns: runs(() => 'old'),
    }),
  )
  const links = all(IDS, 'SELECT id, source_path FROM scan_links ORDER BY id')
  store.persist(
    scanWith({
      nodes: ['a.md', 'ab.md', 'b.md', 'c.md'].map((path) => nodeAt(path, { linksOutCount: path === 'b.md' ? 2 : 0 })),
      links: [...paths, 'c.md'].map((path) => linkOf(path, 'x')),
      extractorRuns: runs((path) => (path === 'b.md' ? 'new' : 'old')),
      scannedAt: 9,
    }),
  )
  expect(all(SINCE, 'SELECT path, scanned_at FROM scan_nodes ORDER BY rowid')).toEqual([
    { path: 'a.md', scanned_at: 1 },
    { path: 'ab.md', scanned_at: 9 },
    { path: 'b.md', scanned_at: 9 },
    { path: 'c.md', scanned_at: 1 },
  ])
  expect(all(IDS, 'SELECT id, source_path FROM scan_links ORDER BY id').slice(0, 3)).toEqual(links)
  const ran = 'SELECT node_path, ran_at FROM scan_extractor_runs ORDER BY node_path'
  expect(all({ node_path: 'text', ran_at: 'number' }, ran).map((row) => row.ran_at)).toEqual([1, 9, 1])
})

test('whatever scan follows whatever other, it is read back as it was', () => {
  const path = join(temporaryFolder(), 'map.db')
  const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
  const anyScan = fc
    .record({
      nodes: fc.uniqueArray(word, { maxLength: 7 }),
      links: fc.array(fc.tuple(word, word), { maxLength: 9 }),
      issues: fc.array(word, { maxLength: 5 }),
    })
    .map(({ nodes, links, issues }) =>
      scanWith({
        nodes: nodes.map((name) => nodeAt(name)),
        links: links.map(([source, target]) => linkOf(source, target)),
        issues: issues.map(issueOn),
      }),
    )
  const store = openMapStore(path, simulatedWorld(1))
  fc.assert(
    fc.property(anyScan, (scan) => {
      store.persist(scan)
      const read = store.readScan()
      expect(read && scanJson(read)).toBe(scanJson(scan.result))
    }),
    { numRuns: 300 },
  )
  store.close()
})

test('rows find room between others, however often one comes between the same two', () => {
  const { store } = openStore()
  const names = ['first', 'last']
  for (let n = 0; n < 60; n += 1) {
    names.splice(1, 0, `n${n}`)
    store.persist(scanWith({ nodes: names.map((name) => nodeAt(name)) }))
  }
  expect(store.readScan()?.nodes.map(({ path }) => path)).toEqual(names)
})

test('a process that is killed while it keeps a scan leaves the one before', async () => {
  const { store, path } = openStore()
  const before = largeScan(50)
  store.persist(before)
  const child = persisting(path, '2000', 'stand-still')
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('in the middle\n')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(store.readScan()).toEqual(before.result)
  const after = largeScan(60)
  store.persist(after)
  expect(store.readScan()).toEqual(after.result)
})

test('fifty thousand nodes are kept in little memory', { timeout: 120_000 }, async () => {
  const path = join(temporaryFolder(), 'map.db')
  for (const _ of ['anew', 'again']) {
    const [code] = await once(persisting(path, '50000'), 'exit')
    expect(code).toBe(0)
  }
  const counts = (table: string) => rowsIn(path, { n: 'number' }, `SELECT count(*) AS n FROM ${table}`)[0]?.n
  expect(['scan_nodes', 'scan_links', 'scan_issues', 'scan_extractor_runs'].map(counts)).toEqual([
    50_000, 150_000, 50_000, 250_000,
  ])
})

const persisting = (...args: string[]) =>
  spawn(process.execPath, ['--max-old-space-size=512', join(import.meta.dirname, 'persisting-process.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
