import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDatabase, readOwner, takeOwnership } from '@tenon/database'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'

const world = simulatedWorld(1)
const take = (folder: string) => takeOwnership(folder, { world })
const code = (wanted: string, words: string) =>
  expect.objectContaining({ code: wanted, message: expect.stringContaining(words), hint: expect.any(String) })

describe('the owner of a data folder', () => {
  test('is one: the second is told who the first is', () => {
    const folder = join(temporaryFolder(), 'new', 'data')
    const first = takeOwnership(folder, { url: 'http://127.0.0.1:1', world })
    expect(() => take(folder)).toThrow(code('DATA_FOLDER_OWNED', `process ${process.pid} at http://127.0.0.1:1`))
    first.release()
    const second = take(folder)
    expect(() => take(folder)).toThrow(code('DATA_FOLDER_OWNED', `process ${process.pid}`))
    second.release()
    second.release()
  })

  test('is seen with its address, and not seen when it has let go', () => {
    const folder = temporaryFolder()
    expect(readOwner(folder)).toBeUndefined()
    const owner = take(folder)
    const known = { pid: process.pid, startedAt: '2026-01-01T00:00:00.000Z' }
    expect(readOwner(folder)).toEqual(known)
    owner.setUrl('http://127.0.0.1:7420')
    expect(readOwner(folder)).toEqual({ ...known, url: 'http://127.0.0.1:7420' })
    expect(statSync(join(folder, 'owner.json')).mode & 0o777).toBe(0o600)
    owner.release()
    expect(readOwner(folder)).toBeUndefined()
    expect(readdirSync(folder).sort()).toEqual(['format', 'owner.db'])
  })

  test('is gone when its process is killed', async () => {
    const folder = temporaryFolder()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'owning-process.ts'), folder, 'http://h:1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(readOwner(folder)).toMatchObject({ pid: child.pid, url: 'http://h:1' })
    expect(() => take(folder)).toThrow(code('DATA_FOLDER_OWNED', `process ${child.pid} at http://h:1`))
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(join(folder, 'owner.json'))).toBe(true)
    expect(readOwner(folder)).toBeUndefined()
    take(folder).release()
  })

  test('may be starting, and is then not named yet', () => {
    const folder = temporaryFolder()
    const lock = openDatabase(join(folder, 'owner.db'), { migrations: [], world })
    lock.transaction(() => {
      expect(() => take(folder)).toThrow(code('DATA_FOLDER_OWNED', 'a process that is starting'))
    })
    lock.close()
  })
})

describe('the folder', () => {
  test('is made private and marked with its format', () => {
    const folder = join(temporaryFolder(), 'data')
    take(folder).release()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('1\n')
  })

  test('of another format is refused and not locked', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'format'), '2\n')
    expect(() => take(folder)).toThrow(code('DATA_FOLDER_FORMAT', 'says 2'))
    expect(readdirSync(folder)).toEqual(['format'])
  })

  test.each([
    ['format', 'one'],
    ['owner.json', 'torn {'],
    ['owner.json', '[]'],
    ['owner.json', '7'],
    ['owner.json', '{"pid":"7","startedAt":"x"}'],
    ['owner.json', '{"pid":7,"startedAt":"x","url":1}'],
  ])('with a damaged %s (%s) is refused by its name and left free', (name, text) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, name), text)
    expect(() => take(folder)).toThrow(code('DATA_FOLDER_CORRUPT', join(folder, name)))
    writeFileSync(join(folder, name), name === 'format' ? '1\n' : '{"pid":7,"startedAt":"x"}')
    take(folder).release()
  })

  test('with a damaged lock file is refused by its name', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'owner.db'), 'dear diary\n'.repeat(100))
    expect(() => take(folder)).toThrow(code('DATA_FOLDER_CORRUPT', 'owner.db'))
    expect(() => readOwner(folder)).toThrow(code('DATA_FOLDER_CORRUPT', 'owner.db'))
  })

  test('that cannot be made is refused with a way out', () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(() => take(join(file, 'data'))).toThrow(code('DATA_FOLDER_UNWRITABLE', join(file, 'data')))
  })

  test.skipIf(process.getuid?.() === 0)('that cannot be written is refused with a way out', () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o500)
    expect(() => take(folder)).toThrow(code('DATA_FOLDER_UNWRITABLE', folder))
    chmodSync(folder, 0o700)
  })
})
