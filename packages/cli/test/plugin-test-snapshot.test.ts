import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { made } from './tested-plugin.ts'

test('what took part in a run is kept once, to be read only, and removed when policy says so', async () => {
  const { home, write, at, tenon } = await made()
  const { json } = await at('fixtures')
  const { run, snapshot } = json()
  const bytes = readFileSync(snapshot.path)
  expect(snapshot.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  expect(statSync(snapshot.path).mode & 0o777).toBe(0o444)
  expect(JSON.parse(String(bytes))).toMatchObject({
    run_id: run,
    purpose: 'conformance',
    trace_id: expect.any(String),
    plugin: {
      id: 'demo',
      publisher: 'acme',
      uid: null,
      version: '0.1.0',
      kind: 'node',
      manifest: expect.stringMatching(/^sha256:/),
    },
    operations: [{ name: 'echo', uid: null }],
    toolchain: { tenon: expect.any(String), node: process.versions.node },
    retention_days: null,
  })
  expect((await tenon(['runs', 'list'])).stdout).toContain(`${run}  `)
  expect((await tenon(['runs', 'show', run, '--json'])).json()).toEqual(JSON.parse(String(bytes)))
  const rules = (days: number) =>
    `  - id: r${days}\n    set: { runs.retentionDays: { min: ${days} } }\n    reason: a\n    owner: b\n`
  const pack = `pack: own\nversion: 1.0.0\nreleased: 2026-01-01\nrules:\n${rules(30)}${rules(7)}`
  write({ '../../policies/own/1.0.0/pack.yaml': pack })
  expect((await tenon(['plugin', 'derive', 'demo'])).code).toBe(0)
  const { run: kept } = (await at('fixtures')).json()
  const prune = async (days: number): Promise<Parsed> =>
    (await tenon(['runs', 'prune', '--json'], { time: { now: () => Date.now() + days * 24 * 3_600_000 } })).json()
  expect(await prune(29)).toEqual({ removed: [] })
  expect(await prune(31)).toEqual({ removed: [kept] })
  expect((await tenon(['runs', 'list', '--json'])).json()).toMatchObject([{ run_id: run }])
  expect(existsSync(join(home, '.local/share/tenon/workspace/.runs', kept))).toBe(false)
})
