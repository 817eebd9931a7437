import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openReader } from '@tenon/database'
import {
  builtInPlugins,
  openMapStore,
  scanJson,
  type Contribution,
  type Extractor,
  type MapStore,
  type Rule,
} from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { named, pluginOf, saidIn, scanFolder } from './folder-scan.ts'
import { extractor } from './foreign-extension.ts'

type Opened = { store: MapStore; path: string; count: (table: string) => number }

function openStore(): Opened {
  const path = join(temporaryFolder(), '.skill-map/skill-map.db')
  const store = openMapStore(path, simulatedWorld(1))
  onTestFinished(() => store.close())
  const count = (table: string): number => {
    const reader = openReader(path)
    const row = reader.get({ n: 'number' }, `SELECT count(*) AS n FROM ${table}`)
    reader.close()
    return row?.n ?? -1
  }
  return { store, path, count }
}

const talkative: Extractor = {
  id: 'talk',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['mentions'],
  defaultConfidence: 'low',
  viewContributions: { tag: { contract: 'node-tag' } },
  extract: ({ emitLink, emitContribution }) => {
    emitLink({ target: 'x', kind: 'mentions', raw: 'a \u0000 b', location: { line: 1, column: 2, offset: 3 } })
    emitContribution('tag', { label: 'hot', severity: 'warn' })
  },
}

const wordy: Rule = {
  id: 'wordy',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['wordy'],
  defaultSeverity: 'error',
  evaluate: () => [
    {
      ruleId: 'wordy',
      nodeIds: ['a.md', 'b.md'],
      message: 'Both.',
      data: { z: 1, a: [null, 'é'] },
      fix: { summary: 'Do it.', autofixable: false },
      detail: 'More.',
      linkIndices: [0],
    },
  ],
}

const rich = () =>
  scanFolder({
    files: {
      'a.md': `${named('A', 'tags: [x, y, x, ""]\nn: .inf\nq: "\\ud800"\n')}/b [b](b.md) https://e.example`,
      'a.sm':
        'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {version: 3, stability: stable, tags: [x, z], supersededBy: b.md}\n',
      'b.md': 'x',
      'b.sm': '- broken',
      '.claude/agents/c.md': named('c', 'tags: one\n'),
    },
    options: { tokens: true },
    extensions: [...builtInPlugins, ...pluginOf('p', [talkative, wordy])],
  })

/** The order in which contributions are read, whichever scan brought them. */
const inOrder = (said: readonly Contribution[]): Contribution[] => {
  const key = ({ nodePath, pluginId, extensionId, contributionId }: Contribution) =>
    JSON.stringify([nodePath, pluginId, extensionId, contributionId])
  return said.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

test('gives back the bytes of what it was given', async () => {
  const { store } = openStore()
  const done = await rich()
  store.persist(done)
  const read = store.readScan()
  expect(read && scanJson(read)).toBe(scanJson(done.result))
  const said = inOrder(saidIn(done))
  expect(said.length).toBeGreaterThan(2)
  expect(store.readContributions()).toEqual(said)
  expect(store.readContributions('b.md')).toEqual(said.filter(({ nodePath }) => nodePath === 'b.md'))
})

test('gives back what no UTF-8 can hold as what it can', async () => {
  const { store } = openStore()
  const odd = extractor({ extract: ({ emitLink }) => emitLink({ kind: 'mentions', target: '\udc00', raw: '\ud800' }) })
  const done = await scanFolder({
    files: {
      '.claude/agents/a.md': named('a', 'tags: ["\\ud800", "\\ud801"]\n"\\udfff": 1\ntools: {"\\ud800": 1}\n'),
      'b.md': '',
      'b.sm': 'identity: {path: b.md, bodyHash: x, frontmatterHash: y}\nannotations: {supersededBy: "\\ud800"}\n',
    },
    extensions: [...builtInPlugins, ...pluginOf('p', [odd])],
  })
  store.persist(done)
  expect(done.result.links.map(({ target }) => target)).toContain('\ufffd')
  expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(done.result))
})

test('is empty before the first scan, and makes its folder', () => {
  const { store, path } = openStore()
  expect(existsSync(path)).toBe(true)
  expect(store.readScan()).toBeUndefined()
  expect(store.readContributions()).toEqual([])
})

test('holds what an empty scan has found', async () => {
  const { store } = openStore()
  const done = await scanFolder({})
  store.persist(done)
  expect(store.readScan()).toEqual(done.result)
})

describe('the tables', () => {
  test('have the columns that the specification names', async () => {
    const { store, path } = openStore()
    store.persist(await rich())
    const reader = openReader(path)
    onTestFinished(() => reader.close())
    const columns = (table: string) =>
      reader.all({ name: 'text' }, `SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => name)
    expect(columns('scan_contributions')).toEqual([
      'plugin_id',
      'extension_id',
      'node_path',
      'contribution_id',
      'contract',
      'payload_json',
      'emitted_at',
    ])
    expect(columns('scan_nodes')).toHaveLength(24)
    expect(columns('scan_links')).toHaveLength(12)
    expect(columns('scan_issues')).toHaveLength(9)
    expect(columns('scan_meta')).toHaveLength(11)
    expect(columns('config_schema_versions')).toEqual(['scope', 'owner_id', 'version', 'description', 'applied_at'])
  })

  test('hold what other programs look up', async () => {
    const { store, path } = openStore()
    const done = await rich()
    store.persist(done)
    const reader = openReader(path)
    onTestFinished(() => reader.close())
    expect(
      reader.get(
        { title: 'text?', description: 'text?', stability: 'text?', version: 'number?', sidecar_status: 'text?' },
        "SELECT title, description, stability, version, sidecar_status FROM scan_nodes WHERE path = 'a.md'",
      ),
    ).toEqual({ title: 'A', description: 'About A.', stability: 'stable', version: 3, sidecar_status: 'stale-both' })
    expect(
      reader.all(
        { tag: 'text', source: 'text' },
        "SELECT tag, source FROM scan_node_tags WHERE node_path = 'a.md' ORDER BY source, tag",
      ),
    ).toEqual([
      { tag: 'x', source: 'author' },
      { tag: 'y', source: 'author' },
      { tag: 'x', source: 'user' },
      { tag: 'z', source: 'user' },
    ])
    expect(
      reader.get(
        { body_hash_at_run: 'text', ran_at: 'number' },
        "SELECT body_hash_at_run, ran_at FROM scan_extractor_runs WHERE extractor_id = 'p/talk' AND node_path = 'b.md'",
      ),
    ).toEqual({
      body_hash_at_run: done.result.nodes.find(({ path: node }) => node === 'b.md')?.bodyHash,
      ran_at: done.result.scannedAt,
    })
    expect(
      reader.get({ version: 'number' }, "SELECT version FROM config_schema_versions WHERE scope = 'kernel'"),
    ).toEqual({
      version: 1,
    })
  })
})

test('a scan replaces the one before, whole', async () => {
  const { store, count } = openStore()
  store.persist(await rich())
  const next = await scanFolder({ files: { 'only.md': '/x' } })
  store.persist(next)
  expect(store.readScan()).toEqual(next.result)
  expect(store.readContributions()).toEqual(inOrder(saidIn(next)))
  expect(count('scan_node_tags')).toBe(0)
  expect(count('scan_extractor_runs')).toBe(5)
})

test('a scan that cannot be kept leaves the one before', async () => {
  const { store } = openStore()
  const before = await rich()
  store.persist(before)
  const next = await scanFolder({ files: { 'only.md': 'x' } })
  const [node] = next.result.nodes
  const twice = { ...next, result: { ...next.result, nodes: [node, node].flatMap((one) => one ?? []) } }
  expect(() => store.persist(twice)).toThrow(/UNIQUE/)
  expect(store.readScan()).toEqual(before.result)
})

test('what was kept is there when it is opened again', async () => {
  const path = join(temporaryFolder(), 'map.db')
  const done = await rich()
  const store = openMapStore(path, simulatedWorld(1))
  store.persist(done)
  store.close()
  const again = openMapStore(path, simulatedWorld(2))
  onTestFinished(() => again.close())
  expect(again.readScan()).toEqual(done.result)
})

test('keeps more than two thousand nodes with their links', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 2_500 }, (_, index) => [
      `d${index % 50}/n${index}.md`,
      `${named(`n${index}`)}/n${index + 1} [x](x.md)`,
    ]),
  )
  const done = await scanFolder({ files })
  const { store, count } = openStore()
  store.persist(done)
  expect(count('scan_nodes')).toBe(2_500)
  expect(count('scan_links')).toBe(5_000)
  expect(count('scan_extractor_runs')).toBe(12_500)
  const read = store.readScan()
  expect(read && scanJson(read)).toBe(scanJson(done.result))
})
