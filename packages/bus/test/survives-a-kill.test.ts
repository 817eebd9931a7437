import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { eventOf, openedBus } from './opened-bus.ts'

/** Runs the publishing process until it has said so many lines, kills it, and gives what it said. */
async function killedAfter(folder: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'publishing-process.ts'), folder], {
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

const told = (lines: string[], what: string): string[] =>
  lines.filter((line) => line.startsWith(what)).map((line) => line.slice(what.length + 1))

test.each([2, 60, 300])('what was published is there and reaches its subscriber (after %i)', async (count) => {
  const folder = temporaryFolder()
  const lines = await killedAfter(folder, count)
  const published = told(lines, 'published')
  expect(published.length).toBeGreaterThan(0)
  const { bus, end } = await openedBus(folder, wallWorld())
  onTestFinished(end)
  const log: unknown[] = []
  for (let after = 0, page = bus.tail({ after, limit: 500 }); page.length > 0; page = bus.tail({ after, limit: 500 })) {
    log.push(...page.map(({ event }) => event.payload))
    after = page.at(-1)?.position ?? 0
  }
  expect(published.filter((payload) => !log.includes(payload))).toEqual([])
  expect(new Set(log).size).toBe(log.length)

  const again: unknown[] = []
  await bus.subscribe({ subscriber: 'reader', pattern: '**' }, async ({ payload }) => void again.push(payload))
  await bus.publish(eventOf(wallWorld(), { payload: 'last' }))
  while (again.at(-1) !== 'last') await new Promise(setImmediate)
  const handled: unknown[] = told(lines, 'handled')
  expect(log.filter((payload) => !handled.includes(payload) && !again.includes(payload))).toEqual([])
  expect(again).toEqual([...log, 'last'].slice(-again.length))
})
