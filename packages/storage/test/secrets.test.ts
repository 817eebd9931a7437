import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { MASTER_KEY, openedStorage } from './opened-storage.ts'

const world = simulatedWorld(1)

async function opened(folder = temporaryFolder(), masterKey = MASTER_KEY) {
  const storage = await openedStorage(folder, world, masterKey)
  onTestFinished(storage.end)
  return {
    path: storage.path,
    end: storage.end,
    folder,
    secrets: storage.secrets('notes'),
    other: storage.secrets('other'),
  }
}

test('a secret is not readable on disk, nor is a key, and equal ones look different', async () => {
  const { secrets, path, end } = await opened()
  await secrets.set('a', 'hunter2-hunter2')
  await secrets.set('b', 'hunter2-hunter2')
  const db = new DatabaseSync(path)
  const rows = db.prepare("SELECT value FROM plugin_row WHERE space = 'secret'").all()
  db.close()
  expect(new Set(rows.map(({ value }) => value)).size).toBe(2)
  await end()
  const bytes = readFileSync(path)
  expect(bytes.includes('hunter2-hunter2')).toBe(false)
  expect(bytes.includes(Buffer.from(MASTER_KEY))).toBe(false)
})

test('a secret that was put in the place of another does not open', async () => {
  const { createHash } = await import('node:crypto')
  const { secrets, path } = await opened()
  await secrets.set('low', 'low')
  await secrets.set('high', 'high')
  const db = new DatabaseSync(path)
  const value = String(db.prepare("SELECT value FROM plugin_row WHERE key = 'low'").get()?.['value'])
  const checksum = createHash('sha256')
    .update(`${JSON.stringify(['notes', 'secret', 'high'])}\n${value}`)
    .digest()
  db.prepare("UPDATE plugin_row SET value = ?, checksum = ? WHERE key = 'high'").run(value, checksum)
  db.close()
  await expect(secrets.get('high')).rejects.toThrow(
    expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT', message: expect.stringContaining('"high" of notes') }),
  )
})
