import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { limits } from '@tenon/contract'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { openedStorage } from './opened-storage.ts'

const MEBIBYTE = 1_048_576
const large = 'x'.repeat(MEBIBYTE - 2)
const tooMany = Math.ceil(limits.recentRowsBytes / MEBIBYTE)

async function opened() {
  const storage = await openedStorage(temporaryFolder(), simulatedWorld(1))
  onTestFinished(storage.end)
  const spoil = (): void => {
    using db = new DatabaseSync(storage.path)
    db.exec(`UPDATE plugin_row SET value = '"spoilt"'`)
  }
  return { notes: storage.kv('notes', { quotaBytes: 64 * MEBIBYTE }), secrets: storage.secrets('notes'), spoil }
}

const corrupt = expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' })

test('a value that was used lately is given without reading it again, a secret never', async () => {
  const { notes, secrets, spoil } = await opened()
  await notes.set('a', 1)
  await secrets.set('token', 'hunter2')
  spoil()
  expect(await notes.get('a')).toBe(1)
  await expect(secrets.get('token')).rejects.toThrow(corrupt)
})

test('of values that are too much to hold, those that were used longest ago are read again', async () => {
  const { notes, spoil } = await opened()
  await notes.set('used', 1)
  await notes.set('unused', 1)
  for (let index = 0; index < tooMany; index += 1) {
    await notes.set(`large-${index}`, large)
    await notes.get('used')
  }
  spoil()
  await expect(notes.get('unused')).rejects.toThrow(corrupt)
  expect(await notes.get('used')).toBe(1)
})

test('a value whose change could not be written is what it was', async () => {
  const storage = await openedStorage(temporaryFolder(), simulatedWorld(1))
  onTestFinished(storage.end)
  const notes = storage.kv('notes', { quotaBytes: MEBIBYTE })
  await notes.set('a', 1)
  using db = new DatabaseSync(storage.path)
  db.exec("CREATE TRIGGER full BEFORE INSERT ON plugin_row BEGIN SELECT RAISE(ABORT, 'no space'); END")
  await expect(notes.set('a', 2)).rejects.toThrow('no space')
  expect(await notes.get('a')).toBe(1)
})
