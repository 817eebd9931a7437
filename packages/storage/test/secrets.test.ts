import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { limits } from '@tenon/contract'
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

test('a secret opens after a restart, for its own plugin only', async () => {
  const first = await opened()
  await Promise.all([first.secrets.set('token', 'hunter2 é'), first.secrets.set('second', '')])
  await first.end()
  const { secrets, other } = await opened(first.folder)
  expect(await secrets.get('token')).toBe('hunter2 é')
  expect(await secrets.get('second')).toBe('')
  expect(await secrets.list()).toEqual(['second', 'token'])
  expect(await other.get('token')).toBeUndefined()
  expect(await secrets.delete('token')).toBe(true)
  expect(await secrets.delete('token')).toBe(false)
  expect(await secrets.get('token')).toBeUndefined()
})

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

test('another master key opens nothing and says so', async () => {
  const first = await opened()
  await first.secrets.set('token', 'hunter2')
  await first.end()
  const second = await opened(first.folder, new Uint8Array(32))
  const refused = expect.objectContaining({ code: 'KEY_INVALID', message: expect.stringContaining('notes') })
  await expect(second.secrets.get('token')).rejects.toThrow(refused)
  await expect(second.secrets.set('token', 'x')).rejects.toThrow(refused)
})

test('a secret whose data key is gone does not open', async () => {
  const { secrets, path } = await opened()
  await secrets.set('token', 'hunter2')
  const db = new DatabaseSync(path)
  db.exec("DELETE FROM plugin_row WHERE space = 'secret-key'")
  db.close()
  await expect(secrets.get('token')).rejects.toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
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

test('a secret has bounds, and so have all of a plugin', async () => {
  const { secrets } = await opened()
  await expect(secrets.set('', 'x')).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_VALUE_INVALID' }))
  const large = 'x'.repeat(limits.secretBytes)
  const error = await secrets.set('a', `${large}y`).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'STORAGE_VALUE_INVALID' })
  expect(String(error)).not.toContain('xxx')
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => secrets.set(`s${n}`, large)))
  const refused = outcomes.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(9)
  expect(refused[0]).toMatchObject({ reason: { code: 'QUOTA_EXCEEDED' } })
})
