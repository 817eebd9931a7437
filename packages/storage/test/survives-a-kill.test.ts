import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Storage } from '@tenon/storage'
import { temporaryDatabase, temporaryFolder, wallWorld, withoutPostgres } from '@tenon/testkit'
import { openedAt } from './opened-storage.ts'

/** Runs a process until it has acknowledged so many changes, kills it, and gives all that it acknowledged. */
async function killedAfter(count: number, program: string, ...args: string[]): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.split('\n').length > count) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return text.split('\n').slice(0, -1)
}

/** Where storage may be kept, by name; a process opens it as `openedAt` does. */
const PLACES: [name: string, place: () => Promise<string>][] = [
  ['SQLite', async () => temporaryFolder()],
  ...(withoutPostgres ? [] : [['PostgreSQL', temporaryDatabase] satisfies [string, () => Promise<string>]]),
]

async function opened(place: string): Promise<Storage> {
  const storage = await openedAt(place, wallWorld())
  onTestFinished(() => storage.close())
  return storage
}

describe.each(PLACES)('a kill of a process over %s', (_name, newPlace) => {
  test.each([1, 40, 150])('loses no acknowledged write, and leaves no half of one (after %i)', async (count) => {
    const place = await newPlace()
    const acknowledged = await killedAfter(count, 'writing-process.ts', place)
    expect(acknowledged.length).toBeGreaterThanOrEqual(count)
    const notes = (await opened(place)).kv('notes', { quotaBytes: 1e9 })
    for (const key of acknowledged)
      for (const half of ['left', 'right'])
        expect(await notes.get(`${key}-${half}`), key).toBe(Number(key.split('-')[1]))
    const keys = await notes.list()
    const halves = (half: string) => keys.filter((key) => key.endsWith(half)).map((key) => key.replace(`-${half}`, ''))
    expect(halves('left')).toEqual(halves('right'))
  })

  test.each([1, 2, 5])('leaves a restore whole or not begun (after %i)', async (count) => {
    const [place, folder] = [await newPlace(), temporaryFolder()]
    const made = ['even', 'odd'].map(async (name, index) => {
      const source = await opened(temporaryFolder())
      const keys = Array.from({ length: 500 }, (_, n) => 2 * n + index)
      await Promise.all(keys.map((n) => source.kv('notes', { quotaBytes: 1e9 }).set(`${n}`, 'x'.repeat(1_000))))
      await source.backup(join(folder, name))
    })
    await Promise.all(made)
    await killedAfter(count, 'restoring-process.ts', place, join(folder, 'even'), join(folder, 'odd'))
    const storage = await opened(place)
    expect(await storage.damaged()).toEqual([])
    const keys = await storage.kv('notes', { quotaBytes: 1e9 }).list()
    expect([count > 1 ? 500 : 0, 500]).toContain(keys.length)
    expect(new Set(keys.map((key) => Number(key) % 2)).size).toBeLessThan(2)
    await storage.restore(join(folder, 'odd'))
    expect(await storage.kv('notes', { quotaBytes: 1e9 }).list({ limit: 1 })).toEqual(['1'])
  })
})
