import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { limits } from '@tenon/contract'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { openTestHost } from './open-test-host.ts'
import { eventually } from './waiting.ts'

test('what expired is freed on disk, and a sweep that fails is told and not the last', async () => {
  const world = simulatedWorld(1)
  const folder = temporaryFolder()
  const host = await openTestHost({ world, folder })
  const kv = host.storage.kv('idle', { quotaBytes: 100 })
  const db = new DatabaseSync(join(folder, 'storage.db'))
  onTestFinished(() => db.close())
  const rows = (): number => db.prepare('SELECT key FROM plugin_row').all().length
  await kv.set('a', 1, { ttlMs: limits.kvSweepMs })
  db.exec("CREATE TRIGGER full BEFORE DELETE ON plugin_row BEGIN SELECT RAISE(ABORT, 'no space'); END")
  await world.advance(limits.kvSweepMs)
  await eventually(() => expect(host.logged).toEqual([expect.stringContaining('storage error: ')]))
  expect(rows()).toBe(1)
  db.exec('DROP TRIGGER full')
  await world.advance(limits.kvSweepMs)
  await eventually(() => expect(rows()).toBe(0))
})
