import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { openedStorage } from './opened-storage.ts'

/** Runs the writing process until it has acknowledged so many writes, kills it, and gives all that it acknowledged. */
async function killedAfter(folder: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writing-process.ts'), folder], {
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

test.each([1, 40, 150])('every acknowledged write is there, and no half of one (after %i)', async (count) => {
  const folder = temporaryFolder()
  const acknowledged = await killedAfter(folder, count)
  expect(acknowledged.length).toBeGreaterThanOrEqual(count)
  const storage = await openedStorage(folder, wallWorld())
  onTestFinished(storage.end)
  const notes = storage.kv('notes', { quotaBytes: 1e9 })
  for (const key of acknowledged)
    for (const half of ['left', 'right']) expect(await notes.get(`${key}-${half}`), key).toBe(Number(key.split('-')[1]))
  const keys = await notes.list()
  const halves = (half: string) => keys.filter((key) => key.endsWith(half)).map((key) => key.replace(`-${half}`, ''))
  expect(halves('left')).toEqual(halves('right'))
})
