import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { newSigningKey, nodeDisk, type Generation } from '@tenon/bundle'
import { acceptGrants, grantsFor, readTrust } from '@tenon/installer'
import { temporaryFolder } from '@tenon/testkit'
import { code, install, shelf, type Shelf } from './shelf.ts'

let one: Shelf
beforeAll(async () => {
  one = await shelf([
    { id: 'a', version: '1.0.0', deps: { b: '^1' } },
    { id: 'b', version: '1.1.0' },
  ])
})

describe('grants', () => {
  const document = { version: 1 as const, grants: { b: ['storage:kv', 'fs:read:/data/**'] } }

  async function granted() {
    const [folder, home] = [temporaryFolder(), join(temporaryFolder(), 'home')]
    const { generation } = await install(folder, one, { a: '*' })
    return { home, generation }
  }

  const accept = (home: string, grants: Record<string, string[]>, generation: Generation) =>
    acceptGrants(nodeDisk, home, { version: 1 }, grants, generation)

  test('of a tenon.json count only once accepted on this machine', async () => {
    const { home, generation } = await granted()
    expect(grantsFor('b', document, await readTrust(nodeDisk, home), generation)).toEqual([])
    await accept(home, document.grants, generation)
    expect(grantsFor('b', document, await readTrust(nodeDisk, home), generation)).toEqual([
      { action: 'storage:kv' },
      { action: 'fs:read', target: '/data/**' },
    ])
  })

  test('change with one letter and are no longer accepted', async () => {
    const { home, generation } = await granted()
    await accept(home, document.grants, generation)
    const changed = { ...document, grants: { b: ['storage:kv', 'fs:read:/**'] } }
    expect(grantsFor('b', changed, await readTrust(nodeDisk, home), generation)).toEqual([])
  })

  test('are bound to the signer they were accepted for', async () => {
    const { home, generation } = await granted()
    await accept(home, document.grants, generation)
    const b = generation.plugins['b']
    if (b === undefined) throw new Error('b is installed')
    const resigned = { ...generation, plugins: { b: { ...b, signer: newSigningKey().id } } }
    expect(grantsFor('b', document, await readTrust(nodeDisk, home), resigned)).toEqual([])
    expect(grantsFor('c', document, await readTrust(nodeDisk, home), generation)).toEqual([])
  })

  test('that are malformed are not accepted, and an empty document needs no acceptance', async () => {
    const { home, generation } = await granted()
    await expect(accept(home, { b: ['fs:eat'] }, generation)).rejects.toThrow(code('CONFIG_INVALID'))
    expect(await accept(home, {}, generation)).toEqual({ version: 1, grants: {} })
    expect(existsSync(join(home, 'trust.json'))).toBe(false)
  })

  test('that are named twice are made once', async () => {
    const { home, generation } = await granted()
    const twice = await accept(home, { b: ['storage:kv', 'storage:kv'] }, generation)
    expect(twice.grants).toEqual({ b: ['storage:kv'] })
    expect(grantsFor('b', twice, await readTrust(nodeDisk, home), generation)).toEqual([{ action: 'storage:kv' }])
  })

  test('that came with a tenon.json are not accepted by granting something else', async () => {
    const { home, generation } = await granted()
    const cloned = { version: 1 as const, grants: { a: ['fs:write:/**'], b: ['fs:read:/**'], c: [] } }
    const granting = acceptGrants(nodeDisk, home, cloned, { b: ['storage:kv'] }, generation)
    await expect(granting).rejects.toThrow(
      expect.objectContaining({
        code: 'TRUST_REQUIRED',
        problems: [expect.objectContaining({ pointer: '/grants/a' })],
      }),
    )
    const grants = { a: ['storage:kv'], b: ['storage:kv'] }
    const named = await acceptGrants(nodeDisk, home, cloned, grants, generation)
    expect(named).toEqual({ version: 1, grants: { ...grants, c: [] } })
    expect(grantsFor('a', named, await readTrust(nodeDisk, home), generation)).toEqual([{ action: 'storage:kv' }])
  })

  test('stay bound to the signer of then when another plugin is granted something', async () => {
    const { home, generation } = await granted()
    const first = await accept(home, { a: ['storage:kv'], b: ['storage:kv'] }, generation)
    const { a, b } = generation.plugins
    if (a === undefined || b === undefined) throw new Error('both are installed')
    const resigned = { ...generation, plugins: { a, b: { ...b, signer: newSigningKey().id } } }
    const second = await acceptGrants(nodeDisk, home, first, { a: ['storage:secrets'], gone: ['storage:kv'] }, resigned)
    const trust = await readTrust(nodeDisk, home)
    expect(['a', 'b', 'gone'].map((id) => grantsFor(id, second, trust, resigned))).toEqual([
      [{ action: 'storage:secrets' }],
      [],
      [],
    ])
    expect(grantsFor('b', second, trust, generation)).toEqual([{ action: 'storage:kv' }])
  })

  test('a damaged trust file is named', async () => {
    const home = temporaryFolder()
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'trust.json'), '{"version":1,"accepted":[]}')
    await expect(readTrust(nodeDisk, home)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
  })
})
