import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { openedStorage } from './opened-storage.ts'

test('what could not be written fails, and the count of bytes stays true', async () => {
  const storage = await openedStorage(temporaryFolder(), simulatedWorld(1))
  onTestFinished(storage.end)
  const notes = storage.kv('notes', { quotaBytes: 10_000 })
  await notes.set('a', 1)
  const db = new DatabaseSync(storage.path)
  db.exec("CREATE TRIGGER full BEFORE INSERT ON plugin_row BEGIN SELECT RAISE(ABORT, 'no space'); END")
  const outcomes = await Promise.allSettled([notes.set('b', 1), notes.set('c', 1)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  db.exec('DROP TRIGGER full')
  db.close()
  await notes.set('d', 1)
  expect((await notes.usage()).usedBytes).toBe(4)
})
