import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { executionStats, openMapStore, type Contribution, type Enrichment, type MapStore } from '@tenon/map'
import { simulatedWorld, temporaryFolder, type SimulatedWorld } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nodeAt, scanWith } from './synthetic-scan.ts'

type Opened = { store: MapStore; world: SimulatedWorld; sql(...statements: string[]): void; all(sql: string): object[] }

function openStore(): Opened {
  const path = join(temporaryFolder(), 'map.db')
  const world = simulatedWorld(1)
  const store = openMapStore(path, world)
  const direct = new DatabaseSync(path)
  onTestFinished(() => {
    direct.close()
    store.close()
  })
  return {
    store,
    world,
    sql: (...statements) => statements.forEach((statement) => direct.exec(statement)),
    all: (sql) =>
      direct
        .prepare(sql)
        .all()
        .map((row) => ({ ...row })),
  }
}

const nodes = (...paths: string[]) => paths.map((path) => nodeAt(path))
const said = (nodePath: string, extensionId: string, value: number, contributionId = 'count'): Contribution => ({
  pluginId: 'p',
  extensionId,
  nodePath,
  contributionId,
  contract: 'node-counter',
  payload: { value },
})
test('contributions keep the time at which they were said, until they are said otherwise', () => {
  const { store, all } = openStore()
  const persist = (scannedAt: number, ...contributions: Contribution[]): void =>
    void store.persist(
      scanWith({
        nodes: nodes('a', 'b', 'c'),
        contributions: Map.groupBy(contributions, ({ nodePath }) => nodePath),
        scannedAt,
      }),
    )
  persist(1, said('a', 'x', 1), said('b', 'x', 1), said('c', 'x', 1))
  persist(2, said('a', 'x', 1), said('b', 'x', 2))
  expect(all('SELECT node_path AS path, emitted_at AS at FROM scan_contributions ORDER BY node_path')).toEqual([
    { path: 'a', at: 1 },
    { path: 'b', at: 2 },
  ])
})

describe('enrichments', () => {
  const found = (nodePath: string, extractorId: string, title: string): Enrichment => ({
    nodePath,
    extractorId,
    bodyHash: 'h',
    value: { title },
  })

  test('are read in the order in which they were found', () => {
    const { store } = openStore()
    store.persist(scanWith({ nodes: nodes('a', 'b'), enrichments: [found('a', 'p/x', 'old'), found('b', 'p/x', 'b')] }))
    const later = { enrichments: [found('a', 'p/a', 'new')], scannedAt: 2, cached: () => true }
    store.persist(scanWith({ nodes: nodes('a', 'b'), ...later }))
    expect(store.readEnrichments('a')).toEqual([
      { ...found('a', 'p/x', 'old'), stale: false, enrichedAt: 1 },
      { ...found('a', 'p/a', 'new'), stale: false, enrichedAt: 2 },
    ])
    expect(store.readEnrichments()).toHaveLength(3)
  })

  test('go with their node, and when their extractor finds nothing any more', () => {
    const { store } = openStore()
    store.persist(scanWith({ nodes: nodes('a', 'b'), enrichments: [found('a', 'p/x', 'a'), found('b', 'p/x', 'b')] }))
    store.persist(scanWith({ nodes: nodes('a'), cached: () => true }))
    expect(store.readEnrichments().map(({ nodePath }) => nodePath)).toEqual(['a'])
    store.persist(scanWith({ nodes: nodes('a') }))
    expect(store.readEnrichments()).toEqual([])
  })

  test('that a model made stay while the node lives', () => {
    const { store, sql } = openStore()
    sql("INSERT INTO node_enrichments VALUES ('a', 'p/ask', 'h', '{}', 1, 1, 1), ('b', 'p/ask', 'h', '{}', 0, 1, 1)")
    store.persist(scanWith({ nodes: nodes('a') }))
    expect(store.readEnrichments()).toEqual([
      { nodePath: 'a', extractorId: 'p/ask', bodyHash: 'h', value: {}, stale: true, enrichedAt: 1 },
    ])
    store.refreshEnrichments('a', [found('a', 'p/x', 't')])
    expect(store.readEnrichments('a').map(({ extractorId }) => extractorId)).toEqual(['p/ask', 'p/x'])
    store.refreshEnrichments('a', [])
    expect(store.readEnrichments('a').map(({ extractorId }) => extractorId)).toEqual(['p/ask'])
  })
})

const JOB =
  'INSERT INTO state_jobs (id, action_id, action_version, node_id, content_hash, nonce, status, ttl_seconds, created_at)'
const EXECUTION =
  'INSERT INTO state_executions (id, kind, extension_id, extension_version, node_ids_json, status, failure_reason, started_at, finished_at, duration_ms, tokens_in, tokens_out)'

/** Something of each kind that is kept about the node `old`, and about no node. */
const KEPT = [
  `${JOB} VALUES ('d-1', 'p/act', '1', 'old', 'h', 'n', 'queued', 60, 1)`,
  `${EXECUTION} VALUES ('e-1', 'action', 'p/act', '1', '["x","old"]', 'completed', NULL, 1, 2, 1, 1, 1)`,
  "INSERT INTO state_summaries VALUES ('old', 'p/act', 'k', '1', 'h', 1, '{}')",
  "INSERT INTO state_enrichments VALUES ('old', 'p', '{}', NULL, 1, NULL)",
  "INSERT INTO state_plugin_kvs VALUES ('p', 'old', 'k', '1', 1), ('p', '', 'k', '\"global\"', 1)",
  "INSERT INTO state_node_favorites VALUES ('old', 1)",
  "INSERT INTO node_enrichments VALUES ('old', 'p/x', 'h', '{}', 0, 1, 0)",
]

const WHERE_KEPT = `SELECT 'jobs' AS what, node_id AS path FROM state_jobs UNION ALL
  SELECT 'executions', node_ids_json FROM state_executions UNION ALL SELECT 'summaries', node_id FROM state_summaries UNION ALL
  SELECT 'enrichments', node_id FROM state_enrichments UNION ALL SELECT 'kvs', node_id FROM state_plugin_kvs UNION ALL
  SELECT 'favorites', node_path FROM state_node_favorites`

describe('what is kept about a node', () => {
  test('goes along when a scan finds it under another path', () => {
    const { store, sql, all } = openStore()
    sql(...KEPT)
    store.persist(scanWith({ nodes: nodes('new'), renames: [{ from: 'old', to: 'new' }], cached: () => true }))
    expect(all(`${WHERE_KEPT} UNION ALL SELECT 'found', node_path FROM node_enrichments`)).toEqual([
      { what: 'jobs', path: 'new' },
      { what: 'executions', path: '["x","new"]' },
      { what: 'summaries', path: 'new' },
      { what: 'enrichments', path: 'new' },
      { what: 'kvs', path: '' },
      { what: 'kvs', path: 'new' },
      { what: 'favorites', path: 'new' },
      { what: 'found', path: 'new' },
    ])
  })

  test('gives way to what is kept under the new path already', () => {
    const { store, sql, all } = openStore()
    sql(...KEPT)
    sql(
      `${JOB} VALUES ('d-2', 'p/act', '1', 'new', 'h', 'n', 'running', 60, 1)`,
      'UPDATE state_executions SET node_ids_json = \'["new","old"]\'',
      "INSERT INTO state_summaries VALUES ('new', 'p/act', 'live', '1', 'h', 1, '{}')",
      "INSERT INTO state_enrichments VALUES ('new', 'p', '\"live\"', 1, 1, NULL)",
      "INSERT INTO state_plugin_kvs VALUES ('p', 'new', 'k', '\"live\"', 1)",
      "INSERT INTO state_node_favorites VALUES ('new', 9)",
    )
    store.persist(scanWith({ nodes: nodes('new'), renames: [{ from: 'old', to: 'new' }] }))
    expect(all('SELECT id FROM state_jobs')).toEqual([{ id: 'd-2' }])
    expect(all('SELECT node_ids_json AS ids FROM state_executions')).toEqual([{ ids: '["new"]' }])
    expect(all('SELECT kind FROM state_summaries')).toEqual([{ kind: 'live' }])
    expect(all('SELECT data_json AS data FROM state_enrichments')).toEqual([{ data: '"live"' }])
    expect(all("SELECT value_json AS value FROM state_plugin_kvs WHERE node_id <> ''")).toEqual([{ value: '"live"' }])
    expect(all('SELECT favorited_at AS at FROM state_node_favorites')).toEqual([{ at: 9 }])
  })

  test('stays where it was when the scan cannot be kept', () => {
    const { store, sql, all } = openStore()
    sql(...KEPT)
    const twice = scanWith({ nodes: nodes('new', 'new') })
    expect(() => store.persist({ ...twice, renames: [{ from: 'old', to: 'new' }] })).toThrow(/UNIQUE/)
    expect(all('SELECT node_path AS path FROM state_node_favorites')).toEqual([{ path: 'old' }])
  })

  test('is told when no node has its path any more', () => {
    const { store, sql } = openStore()
    sql(...KEPT)
    expect(store.strandedPaths(new Set(['x']))).toEqual(['old'])
    expect(store.strandedPaths(new Set(['old']))).toEqual(['x'])
    expect(store.strandedPaths(new Set())).toEqual(['old', 'x'])
  })

  test.each(KEPT.filter((statement) => !statement.includes('node_enrichments')))(
    'is told of each kind by itself: %s',
    (statement) => {
      const { store, sql } = openStore()
      sql(statement)
      expect(store.strandedPaths(new Set(['x']))).toEqual(['old'])
    },
  )
})

describe('what a user chose', () => {
  test('for plugins is kept, and the configuration that is there stays', async () => {
    const { store, sql, world } = openStore()
    sql(`INSERT INTO config_plugins VALUES ('core/slash', 1, '{"depth":2}', 1)`)
    store.plugins.setEnabled('claude', false)
    await world.advance(5)
    store.plugins.setEnabled('core/slash', false)
    expect(store.plugins.all()).toEqual([
      { id: 'claude', enabled: false, config: null, updatedAt: world.now() - 5 },
      { id: 'core/slash', enabled: false, config: { depth: 2 }, updatedAt: world.now() },
    ])
  })

  test('as favorites is kept from scan to scan', () => {
    const { store } = openStore()
    store.favorites.add('b')
    store.favorites.add('a')
    store.favorites.add('a')
    store.persist(scanWith({ nodes: nodes('a') }))
    expect(store.favorites.all()).toEqual(['a', 'b'])
    store.favorites.remove('b')
    expect([store.favorites.has('a'), store.favorites.has('b')]).toEqual([true, false])
  })
})

describe('executions', () => {
  const DAY = 24 * 3_600_000
  const rows = [
    `('e-1', 'action', 'p/act', '1', '["a"]', 'completed', NULL, 0, 9, 10, 100, 5)`,
    `('e-2', 'action', 'p/act', '1', '["a","b"]', 'failed', 'timeout', ${DAY}, 9, 30, NULL, NULL)`,
    `('e-3', 'action', 'p/act', '2', '["b"]', 'completed', NULL, ${4 * DAY}, 9, NULL, 7, 3)`,
    `('e-4', 'action', 'q/act', '1', '["b"]', 'cancelled', NULL, ${40 * DAY}, 9, 20, 1, 1)`,
  ]
  const full = (): MapStore => {
    const { store, sql } = openStore()
    sql(`${EXECUTION} VALUES ${rows.join(', ')}`)
    return store
  }

  test('are read the newest first, as a filter lets them through', () => {
    const store = full()
    const ids = (filter: Parameters<MapStore['readExecutions']>[0]) => store.readExecutions(filter).map(({ id }) => id)
    expect(ids({})).toEqual(['e-4', 'e-3', 'e-2', 'e-1'])
    expect(ids({ nodePath: 'a' })).toEqual(['e-2', 'e-1'])
    expect(ids({ action: 'p/act', statuses: ['completed', 'cancelled'] })).toEqual(['e-3', 'e-1'])
    expect(ids({ since: DAY, until: 40 * DAY })).toEqual(['e-3', 'e-2'])
    expect(ids({ limit: 1 })).toEqual(['e-4'])
    expect(store.readExecutions({ limit: 1 })).toEqual([
      {
        id: 'e-4',
        kind: 'action',
        extensionId: 'q/act',
        extensionVersion: '1',
        nodeIds: ['b'],
        contentHash: null,
        status: 'cancelled',
        failureReason: null,
        exitCode: null,
        runner: null,
        startedAt: 40 * DAY,
        finishedAt: 9,
        durationMs: 20,
        tokensIn: 1,
        tokensOut: 1,
        report: null,
        jobId: null,
      },
    ])
  })

  test('are counted by action, period and node', () => {
    const executions = full().readExecutions({})
    const stats = executionStats(executions, { period: 'week', top: 1 })
    expect(stats.totals).toEqual({
      executionsCount: 4,
      completedCount: 2,
      failedCount: 1,
      tokensIn: 108,
      tokensOut: 9,
      durationMsTotal: 60,
    })
    expect(stats.tokensPerAction).toEqual([
      {
        actionId: 'p/act',
        actionVersion: '1',
        executionsCount: 2,
        tokensIn: 100,
        tokensOut: 5,
        durationMsMean: 20,
        durationMsMedian: 20,
      },
      {
        actionId: 'p/act',
        actionVersion: '2',
        executionsCount: 1,
        tokensIn: 7,
        tokensOut: 3,
        durationMsMean: null,
        durationMsMedian: null,
      },
      expect.objectContaining({ actionId: 'q/act', durationMsMedian: 20 }),
    ])
    const periods = (period: 'day' | 'week' | 'month') =>
      executionStats(executions, { period, top: 1 }).executionsPerPeriod.map(
        ({ periodStart, executionsCount }) => `${periodStart} ${executionsCount}`,
      )
    expect(periods('day')).toEqual(['1970-01-01 1', '1970-01-02 1', '1970-01-05 1', '1970-02-10 1'])
    expect(periods('week')).toEqual(['1969-12-29 2', '1970-01-05 1', '1970-02-09 1'])
    expect(periods('month')).toEqual(['1970-01-01 3', '1970-02-01 1'])
    expect(stats.topNodes).toEqual([{ nodePath: 'b', executionsCount: 3, lastExecutedAt: 40 * DAY }])
    expect(stats.errorRates).toEqual({
      global: 0.25,
      perAction: [
        { actionId: 'p/act', rate: 1 / 3, executionsCount: 3, failedCount: 1 },
        { actionId: 'q/act', rate: 0, executionsCount: 1, failedCount: 0 },
      ],
      perFailureReason: {
        'runner-error': 0,
        'report-invalid': 0,
        timeout: 1,
        abandoned: 0,
        'job-file-missing': 0,
        'user-cancelled': 0,
      },
    })
    expect(executionStats([], { period: 'day', top: 1 }).errorRates.global).toBe(0)
  })
})
