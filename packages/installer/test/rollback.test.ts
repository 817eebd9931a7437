import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeDisk } from '@tenon/bundle'
import { digestHex, TenonError, type Digest, type PluginSpec } from '@tenon/contract'
import { readWorkspace, rollback } from '@tenon/installer'
import { temporaryFolder } from '@tenon/testkit'
import { code, install, installed, quickDisk, shelf, type Shelf } from './shelf.ts'

let source: Shelf
beforeAll(async () => {
  source = await shelf(['1.0.0', '1.1.0', '1.2.0', '1.3.0'].map((version) => ({ id: 'b', version })))
})

/** Installs one version after the other. */
async function history(...versions: string[]): Promise<string> {
  const folder = temporaryFolder()
  for (const version of versions) await install(folder, source, { b: version })
  return folder
}
const number = async (folder: string): Promise<number> => (await readWorkspace(nodeDisk, folder)).generation.generation

describe('rolling back', () => {
  test('restores the generation before, with what was wanted and locked then', async () => {
    const folder = await history('1.0.0')
    const before = ['tenon.json', 'tenon.lock'].map((name) => readFileSync(join(folder, name), 'utf8'))
    await install(folder, source, { b: '1.1.0' })
    expect((await rollback(quickDisk, folder)).generation).toBe(1)
    expect(await installed(folder)).toEqual({ b: '1.0.0' })
    expect(['tenon.json', 'tenon.lock'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(before)
  })

  test('goes back step by step, until nothing was before', async () => {
    const folder = await history('1.0.0', '1.1.0', '1.2.0')
    await rollback(quickDisk, folder)
    await rollback(quickDisk, folder)
    expect(await installed(folder)).toEqual({ b: '1.0.0' })
    await expect(rollback(quickDisk, folder)).rejects.toThrow(code('ROLLBACK_IMPOSSIBLE'))
    await expect(rollback(quickDisk, temporaryFolder())).rejects.toThrow(code('ROLLBACK_IMPOSSIBLE'))
  })

  test('leads to what was in force, not to what was rolled back from', async () => {
    const folder = await history('1.0.0', '1.1.0')
    await rollback(quickDisk, folder)
    await install(folder, source, { b: '1.2.0' })
    expect(await number(folder)).toBe(3)
    await rollback(quickDisk, folder)
    expect([await number(folder), await installed(folder)]).toEqual([1, { b: '1.0.0' }])
  })

  test('never gives a number again, also not that of a generation that never came into force', async () => {
    const folder = await history('1.0.0', '1.1.0')
    await rollback(quickDisk, folder)
    mkdirSync(join(folder, '.tenon/generations/7'))
    await install(folder, source, { b: '1.3.0' })
    expect(await number(folder)).toBe(8)
    await rollback(quickDisk, folder)
    expect(await number(folder)).toBe(1)
    await install(folder, source, { b: '1.2.0' })
    expect(await number(folder)).toBe(9)
  })

  test('is judged by what would come back, before anything is written', async () => {
    const folder = await history('1.0.0', '1.1.0')
    const judged: string[] = []
    const refusing = (returning: readonly PluginSpec[]): Promise<void> => {
      judged.push(...returning.map(({ id, version }) => `${id} ${version}`))
      return Promise.reject(new TenonError('STORAGE_NEWER', 'not this one'))
    }
    await expect(rollback(quickDisk, folder, refusing)).rejects.toThrow(code('STORAGE_NEWER'))
    expect([await number(folder), await installed(folder)]).toEqual([2, { b: '1.1.0' }])
    expect(judged).toEqual(['b 1.0.0'])
  })

  test('judges nothing that stays as it is', async () => {
    const two = await shelf(['b', 'c'].map((id) => ({ id, version: '1.0.0' })))
    const folder = temporaryFolder()
    await install(folder, two, { b: '1.0.0' })
    await install(folder, two, { c: '1.0.0' })
    const judged: string[] = []
    await rollback(quickDisk, folder, async (returning) => void judged.push(...returning.map(({ id }) => id)))
    expect(judged).toEqual([])
  })

  test('to content that was changed is refused', async () => {
    const folder = await history('1.0.0')
    const { generation } = await readWorkspace(nodeDisk, folder)
    await install(folder, source, { b: '1.1.0' })
    const stored = join(folder, '.tenon/store', digestHex(generation.plugins['b']?.digest as Digest), 'files/a.ts')
    rmSync(stored)
    writeFileSync(stored, 'changed')
    await expect(rollback(quickDisk, folder)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
    expect(await installed(folder)).toEqual({ b: '1.1.0' })
  })

  test.each(['tenon.lock', 'generation.json'])('to a generation without its %s is refused', async (name) => {
    const folder = await history('1.0.0', '1.1.0')
    rmSync(join(folder, '.tenon/generations/1', name))
    await expect(rollback(quickDisk, folder)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
    expect(await installed(folder)).toEqual({ b: '1.1.0' })
  })
})
