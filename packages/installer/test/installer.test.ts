import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { newSigningKey, nodeDisk } from '@tenon/bundle'
import { digestHex, type Digest, type Disk } from '@tenon/contract'
import { acceptGrants, applyPlan, grantsFor, planInstall, readTrust, readWorkspace, rollback } from '@tenon/installer'
import { code, install, installed, key, runtime, shelf, type Shelf } from './shelf.ts'
import { Killed, killingDisk, temporaryFolder } from '@tenon/testkit'

let one: Shelf
let two: Shelf
beforeAll(async () => {
  one = await shelf([
    { id: 'a', version: '1.0.0', deps: { b: '^1' } },
    { id: 'b', version: '1.0.0' },
    { id: 'b', version: '1.1.0' },
  ])
  two = await shelf([
    { id: 'a', version: '1.0.0', deps: { b: '^1' } },
    { id: 'a', version: '2.0.0', deps: { b: '^1.1' } },
    { id: 'b', version: '1.1.0' },
  ])
})

describe('an installation', () => {
  test('brings what is wanted and what that needs, and writes lock and generation', async () => {
    const folder = temporaryFolder()
    const { changes, generation } = await install(folder, one, { a: '^1' })
    expect(changes).toEqual([
      { id: 'a', to: '1.0.0' },
      { id: 'b', to: '1.1.0' },
    ])
    expect(generation.generation).toBe(1)
    expect(await installed(folder)).toEqual({ a: '1.0.0', b: '1.1.0' })
    expect(JSON.parse(readFileSync(join(folder, 'tenon.json'), 'utf8'))).toEqual({ version: 1, plugins: { a: '^1' } })
    const { lock } = await readWorkspace(nodeDisk, folder)
    expect(lock.plugins['a']).toMatchObject({ version: '1.0.0', signer: key.id, registry: one.url, edges: { b: '^1' } })
    expect(readFileSync(join(folder, '.tenon/.gitignore'), 'utf8')).toBe('*\n')
  })

  test('gives the same lock whoever installs', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()]
    await install(first, one, { a: '^1' })
    await install(second, one, { a: '^1' })
    expect(readFileSync(join(first, 'tenon.lock'), 'utf8')).toBe(readFileSync(join(second, 'tenon.lock'), 'utf8'))
  })

  test('keeps the locked version until another is asked for', async () => {
    const folder = temporaryFolder()
    const early = await shelf([{ id: 'b', version: '1.0.0' }])
    await install(folder, early, { b: '^1' })
    const later = await shelf([
      { id: 'b', version: '1.0.0' },
      { id: 'b', version: '1.1.0' },
      { id: 'c', version: '1.0.0' },
    ])
    await install(folder, later, { c: '*' })
    expect(await installed(folder)).toEqual({ b: '1.0.0', c: '1.0.0' })
    await install(folder, later, { b: '^1' })
    expect(await installed(folder)).toEqual({ b: '1.1.0', c: '1.0.0' })
  })

  test('removes what nothing needs any more', async () => {
    const folder = temporaryFolder()
    await install(folder, one, { 'acme/a': '^1' })
    const { changes } = await install(folder, one, {}, nodeDisk, ['a'])
    expect(changes).toEqual([
      { id: 'a', from: '1.0.0' },
      { id: 'b', from: '1.1.0' },
    ])
    expect(await installed(folder)).toEqual({})
    await expect(install(folder, one, {}, nodeDisk, ['a'])).rejects.toThrow(code('PLUGIN_UNKNOWN'))
  })

  test('that cannot be resolved says why and changes nothing', async () => {
    const folder = temporaryFolder()
    await expect(install(folder, one, { a: '^9' })).rejects.toThrow(code('RESOLVE_UNSATISFIABLE'))
    expect(readdirSync(folder)).toEqual([])
  })

  test('planned upon another generation is refused', async () => {
    const folder = temporaryFolder()
    const plan = await planInstall(await readWorkspace(nodeDisk, folder), { source: one, add: { b: '*' }, runtime })
    await install(folder, one, { a: '^1' })
    await expect(applyPlan(nodeDisk, folder, plan, one)).rejects.toThrow(code('INSTALL_CONFLICT'))
  })
})

describe('what does not match is not installed', () => {
  const damaged = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 9, (bytes.at(-9) ?? 0) ^ 1)

  test('a flipped byte in the archive', async () => {
    const source = await shelf([{ id: 'b', version: '1.0.0' }])
    for (const [digest, bytes] of source.archives) source.archives.set(digest, damaged(bytes))
    const folder = temporaryFolder()
    await expect(install(folder, source, { b: '*' })).rejects.toThrow(code('BUNDLE_DIGEST_MISMATCH'))
    expect(await installed(folder)).toEqual({})
  })

  test('another content under a locked version', async () => {
    const folder = temporaryFolder()
    await install(folder, one, { b: '1.1.0' })
    const forged = await shelf([
      { id: 'b', version: '1.1.0', body: 'export const evil = 1' },
      { id: 'c', version: '1.0.0' },
    ])
    await expect(install(folder, forged, { c: '*' })).rejects.toThrow(code('BUNDLE_DIGEST_MISMATCH'))
  })

  test('a signer that the registry does not know', async () => {
    const source = await shelf([{ id: 'b', version: '1.0.0' }])
    await expect(install(temporaryFolder(), { ...source, key: async () => undefined }, { b: '*' })).rejects.toThrow(
      code('BUNDLE_SIGNATURE_INVALID'),
    )
  })

  test("another plugin's bundle under this id", async () => {
    const source = await shelf([{ id: 'b', version: '1.0.0' }])
    const swapped = { ...source, releases: async () => source.offers.get('b') ?? [] }
    await expect(install(temporaryFolder(), swapped, { c: '*' })).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  })

  test("another bundle's envelope", async () => {
    const source = await shelf([
      { id: 'b', version: '1.0.0' },
      { id: 'c', version: '1.0.0' },
    ])
    const [b] = source.offers.get('b') ?? []
    const [c] = source.offers.get('c') ?? []
    if (b === undefined || c === undefined) throw new Error('both are offered')
    source.offers.set('b', [{ ...b, envelope: c.envelope }])
    await expect(install(temporaryFolder(), source, { b: '*' })).rejects.toThrow(code('BUNDLE_SIGNATURE_INVALID'))
  })

  test('a release that went between plan and choice', async () => {
    let asked = 0
    const flickering = { ...one, releases: async (id: string) => (asked++ === 0 ? one.releases(id) : []) }
    await expect(install(temporaryFolder(), flickering, { b: '*' })).rejects.toThrow(code('PLUGIN_UNKNOWN'))
  })
})

describe('damage is named', () => {
  test.each([
    ['tenon.json', '{"version": 1, "plugin": {}}', 'CONFIG_INVALID'],
    ['tenon.lock', '{"version": 1}', 'LOCK_INVALID'],
  ])('in %s', async (name, text, expected) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, name), text)
    await expect(readWorkspace(nodeDisk, folder)).rejects.toThrow(code(expected))
  })
})

describe('rolling back', () => {
  test('restores the generation before, with its lock', async () => {
    const folder = temporaryFolder()
    await install(folder, one, { a: '^1' })
    const before = readFileSync(join(folder, 'tenon.lock'), 'utf8')
    await install(folder, two, { a: '^2' })
    expect(await installed(folder)).toEqual({ a: '2.0.0', b: '1.1.0' })
    expect((await rollback(nodeDisk, folder)).generation).toBe(1)
    expect(await installed(folder)).toEqual({ a: '1.0.0', b: '1.1.0' })
    expect(readFileSync(join(folder, 'tenon.lock'), 'utf8')).toBe(before)
    await expect(rollback(nodeDisk, folder)).rejects.toThrow(code('ROLLBACK_IMPOSSIBLE'))
    await install(folder, two, { a: '^2' })
    expect((await readWorkspace(nodeDisk, folder)).generation.generation).toBe(3)
  })

  test('to content that was changed is refused', async () => {
    const folder = temporaryFolder()
    await install(folder, one, { b: '1.0.0' })
    const { generation } = await readWorkspace(nodeDisk, folder)
    await install(folder, one, { b: '1.1.0' })
    const file = join(folder, '.tenon/store', digestHex(generation.plugins['b']?.digest as Digest), 'files/a.ts')
    writeFileSync(file, 'changed')
    await expect(rollback(nodeDisk, folder)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
    expect(await installed(folder)).toEqual({ b: '1.1.0' })
  })
})

describe('a kill', () => {
  /** Runs the action with a kill at every durable step in turn, each on its own copy of the folder. */
  async function everyKill(
    template: string,
    action: (folder: string, disk: Disk) => Promise<unknown>,
    check: (folder: string) => Promise<void>,
  ): Promise<number> {
    for (let step = 0; ; step += 1) {
      const folder = join(temporaryFolder(), 'w')
      cpSync(template, folder, { recursive: true, verbatimSymlinks: true })
      try {
        await action(folder, killingDisk(nodeDisk, step))
        return step
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Killed)
        await check(folder)
      }
    }
  }

  test('at any step of an installation leaves the old generation or the new one, and it can be done again', async () => {
    const template = temporaryFolder()
    await install(template, one, { a: '^1' })
    const plan = async (folder: string) =>
      planInstall(await readWorkspace(nodeDisk, folder), { source: two, add: { a: '^2' }, runtime })
    const steps = await everyKill(
      template,
      async (folder, disk) => applyPlan(disk, folder, await plan(folder), two),
      async (folder) => {
        const versions = (await installed(folder))['a']
        expect(['1.0.0', '2.0.0']).toContain(versions)
        await install(folder, two, { a: '^2' })
        expect(await installed(folder)).toEqual({ a: '2.0.0', b: '1.1.0' })
      },
    )
    expect(steps).toBeGreaterThan(25)
  })

  test('at any step of a rollback leaves the one or the other', async () => {
    const template = temporaryFolder()
    await install(template, one, { b: '1.0.0' })
    await install(template, one, { b: '1.1.0' })
    await everyKill(
      template,
      (folder, disk) => rollback(disk, folder),
      async (folder) => expect([{ b: '1.0.0' }, { b: '1.1.0' }]).toContainEqual(await installed(folder)),
    )
  })
})

describe('grants', () => {
  const document = { version: 1 as const, grants: { b: ['storage:kv', 'fs:read:/data/**'] } }

  async function granted() {
    const [folder, home] = [temporaryFolder(), join(temporaryFolder(), 'home')]
    const { generation } = await install(folder, one, { b: '*' })
    return { home, generation }
  }

  test('of a tenon.json count only once accepted on this machine', async () => {
    const { home, generation } = await granted()
    expect(grantsFor('b', document, await readTrust(nodeDisk, home), generation)).toEqual([])
    await acceptGrants(nodeDisk, home, document, generation)
    expect(grantsFor('b', document, await readTrust(nodeDisk, home), generation)).toEqual([
      { action: 'storage:kv' },
      { action: 'fs:read', target: '/data/**' },
    ])
  })

  test('change with one letter and are no longer accepted', async () => {
    const { home, generation } = await granted()
    await acceptGrants(nodeDisk, home, document, generation)
    const changed = { ...document, grants: { b: ['storage:kv', 'fs:read:/**'] } }
    expect(grantsFor('b', changed, await readTrust(nodeDisk, home), generation)).toEqual([])
  })

  test('are bound to the signer they were accepted for', async () => {
    const { home, generation } = await granted()
    await acceptGrants(nodeDisk, home, document, generation)
    const b = generation.plugins['b']
    if (b === undefined) throw new Error('b is installed')
    const resigned = { ...generation, plugins: { b: { ...b, signer: newSigningKey().id } } }
    expect(grantsFor('b', document, await readTrust(nodeDisk, home), resigned)).toEqual([])
    expect(grantsFor('c', document, await readTrust(nodeDisk, home), generation)).toEqual([])
  })

  test('that are malformed are not accepted, and an empty document needs no acceptance', async () => {
    const { home, generation } = await granted()
    await expect(acceptGrants(nodeDisk, home, { version: 1, grants: { b: ['fs:eat'] } }, generation)).rejects.toThrow(
      code('CONFIG_INVALID'),
    )
    await acceptGrants(nodeDisk, home, { version: 1 }, generation)
    expect(existsSync(join(home, 'trust.json'))).toBe(false)
  })

  test('a damaged trust file is named', async () => {
    const home = temporaryFolder()
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'trust.json'), '{"version":1,"accepted":[]}')
    await expect(readTrust(nodeDisk, home)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
  })
})
