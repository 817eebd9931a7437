import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { takePassingLock } from '@tenon/database'
import { temporaryFolder } from '@tenon/testkit'

const start = (...words: string[]) =>
  spawn(process.execPath, [join(import.meta.dirname, 'locking-process.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

test('leaves nothing behind, and may be taken again', () => {
  const path = join(temporaryFolder(), 'lock')
  for (let time = 0; time < 3; time += 1) {
    const lock = takePassingLock(path)
    expect(existsSync(path)).toBe(true)
    lock?.release()
    expect([lock, existsSync(path)]).toEqual([expect.anything(), false])
  }
})

test('is not had while another process has it, and is free when that process is killed', async () => {
  const path = join(temporaryFolder(), 'lock')
  const child = start(path, 'hold')
  await once(child.stdout, 'data')
  expect(takePassingLock(path)).toBeUndefined()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(existsSync(path)).toBe(true)
  takePassingLock(path)?.release()
  expect(existsSync(path)).toBe(false)
})

test('is had by one process at a time, however often it passes from one to another', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'count'), '0')
  const counting = Array.from({ length: 4 }, () => start(join(folder, 'lock'), 'count', join(folder, 'count'), '200'))
  expect(await Promise.all(counting.map(({ stdout }) => text(stdout)))).toEqual(Array(4).fill('done\n'))
  expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('800')
  expect(readdirSync(folder)).toEqual(['count'])
}, 60_000)

test('is no file that a symbolic link leads to, nor one that holds something', () => {
  const folder = temporaryFolder()
  symlinkSync(join(folder, 'target'), join(folder, 'link'))
  expect(() => takePassingLock(join(folder, 'link'))).toThrow(/ELOOP/)
  expect(existsSync(join(folder, 'target'))).toBe(false)
  writeFileSync(join(folder, 'text'), 'what somebody wrote\n'.repeat(100))
  expect(() => takePassingLock(join(folder, 'text'))).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }))
  expect(readFileSync(join(folder, 'text'), 'utf8')).toMatch(/^what somebody wrote/)
})
