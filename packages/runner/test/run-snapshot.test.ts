import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runSnapshot, writeSnapshot } from '@tenon/runner'
import { nodeDisk, temporaryFolder, wallWorld } from '@tenon/testkit'
import { describe } from './ordered-run.ts'

const world = wallWorld()

test('the snapshot of a run is written once, and stays as it was', async () => {
  const workspace = temporaryFolder()
  const facts = {
    ...{ run_id: world.newId(), trace_id: 'trace', purpose: 'conformance' as const, level: 'A' },
    ...{ toolchain: { tenon: '0.1.0' }, retention_days: null, manifest: null, policySnapshot: null },
  }
  const snapshot = runSnapshot(describe({ uid: '01KAZM3Q4V8T2X6Y0C5R7B0001' }), facts, world)
  expect(snapshot.plugin).toMatchObject({ id: 'sample', uid: '01KAZM3Q4V8T2X6Y0C5R7B0001', manifest: null })
  const { path } = await writeSnapshot(nodeDisk, workspace, snapshot)
  const before = readFileSync(path, 'utf8')
  await expect(writeSnapshot(nodeDisk, workspace, { ...snapshot, level: 'B' })).rejects.toMatchObject({
    code: 'RUN_RECORD_UNWRITABLE',
    message: expect.stringContaining(path),
  })
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([before, 0o444])
})
