import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeDisk } from '@tenon/bundle'
import { applyPlan, readWorkspace } from '@tenon/installer'
import { temporaryFolder } from '@tenon/testkit'
import { code, install, installed, key, placesOf, plan, quickDisk, shelf, type Shelf } from './shelf.ts'

let one: Shelf
beforeAll(async () => {
  one = await shelf([
    { id: 'a', version: '1.0.0', deps: { b: '^1' } },
    { id: 'b', version: '1.0.0' },
    { id: 'b', version: '1.1.0' },
  ])
})
const wanted = (folder: string): unknown =>
  (JSON.parse(readFileSync(join(folder, 'tenon.json'), 'utf8')) as { plugins: unknown }).plugins

describe('an installation', () => {
  test('brings what is wanted and what that needs, and writes lock and generation', async () => {
    const folder = temporaryFolder()
    const { changes, generation } = await install(folder, one, { a: '^1' })
    expect(changes).toEqual([
      { id: 'a', to: '1.0.0' },
      { id: 'b', to: '1.1.0' },
    ])
    expect(generation).toMatchObject({ generation: 1, before: 0 })
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
    await install(folder, await shelf([{ id: 'b', version: '1.0.0' }]), { b: '^1' })
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

  test('replaces what was wanted of the same plugin under another name', async () => {
    const folder = temporaryFolder()
    await install(folder, one, { b: '1.0.0' })
    await install(folder, one, { 'acme/b': '^1.1' })
    expect(wanted(folder)).toEqual({ 'acme/b': '^1.1' })
    expect(await installed(folder)).toEqual({ b: '1.1.0' })
  })

  test.each([['a'], ['acme/a']])('removes %s and what nothing needs any more', async (reference) => {
    const folder = temporaryFolder()
    await install(folder, one, { 'acme/a': '^1' })
    const { changes } = await install(folder, one, {}, [reference])
    expect(changes).toEqual([
      { id: 'a', from: '1.0.0' },
      { id: 'b', from: '1.1.0' },
    ])
    expect(await installed(folder)).toEqual({})
    await expect(install(folder, one, {}, [reference])).rejects.toThrow(code('PLUGIN_UNKNOWN'))
  })

  test('that would change nothing makes no generation', async () => {
    const folder = temporaryFolder()
    const first = await install(folder, one, { a: '^1' })
    expect(await install(folder, one, { a: '^1' })).toEqual({ generation: first.generation, changes: [] })
    const widened = await install(folder, one, { a: '*' })
    expect(widened.generation.generation).toBe(2)
    expect(widened.changes).toEqual([])
  })

  test('that cannot be resolved says why and changes nothing', async () => {
    const folder = temporaryFolder()
    await expect(install(folder, one, { a: '^9' })).rejects.toMatchObject({
      code: 'RESOLVE_UNSATISFIABLE',
      hint: expect.stringContaining('Try: '),
    })
    await expect(install(folder, await shelf([]), { gone: '*' })).rejects.toThrow(code('RESOLVE_UNSATISFIABLE'))
    expect(readdirSync(folder)).toEqual([])
  })

  test('asks the registry once for each plugin, so that what is chosen is what was offered', async () => {
    const asked: string[] = []
    const releases = async (id: string) => {
      asked.push(id)
      return one.releases(id)
    }
    await install(temporaryFolder(), { ...one, releases }, { a: '^1' })
    expect(asked.toSorted()).toEqual(['a', 'b'])
  })

  test('knows a plugin that is called as every object is', async () => {
    const folder = temporaryFolder()
    const odd = await shelf([{ id: 'constructor', version: '1.0.0' }])
    expect((await install(folder, odd, { constructor: '*' })).changes).toEqual([{ id: 'constructor', to: '1.0.0' }])
    expect((await install(folder, odd, {}, ['constructor'])).changes).toEqual([{ id: 'constructor', from: '1.0.0' }])
  })
})

describe('two at once', () => {
  test('upon the same generation: one is installed, the other refused', async () => {
    const folder = temporaryFolder()
    const plans = await Promise.all([plan(folder, one, { a: '*' }), plan(folder, one, { b: '1.0.0' })])
    const results = await Promise.allSettled(
      plans.map((each) => applyPlan(quickDisk, placesOf(folder), each, { source: one, revocations: [] })),
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(results[1]).toMatchObject({ reason: code('INSTALL_CONFLICT') })
    expect(await installed(folder)).toEqual({ a: '1.0.0', b: '1.1.0' })
  })

  test('in two workspaces do not wait for each other', async () => {
    const folders = [temporaryFolder(), temporaryFolder()]
    let arrived = 0
    let meet = () => {}
    const met = new Promise<void>((resolve) => (meet = resolve))
    const artifact: Shelf['artifact'] = async (digest) => {
      arrived += 1
      if (arrived === 2) meet()
      await met
      return one.artifact(digest)
    }
    await Promise.all(folders.map((folder) => install(folder, { ...one, artifact }, { b: '*' })))
    expect(await Promise.all(folders.map(installed))).toEqual([{ b: '1.1.0' }, { b: '1.1.0' }])
  })

  test('planned upon a generation that was replaced is refused', async () => {
    const folder = temporaryFolder()
    const late = await plan(folder, one, { b: '*' })
    await install(folder, one, { a: '^1' })
    await expect(applyPlan(quickDisk, placesOf(folder), late, { source: one, revocations: [] })).rejects.toThrow(
      code('INSTALL_CONFLICT'),
    )
  })
})

describe('a workspace', () => {
  test('that is an empty folder wants, locks and has nothing', async () => {
    expect(await readWorkspace(nodeDisk, temporaryFolder())).toMatchObject({
      document: { version: 1 },
      lock: { version: 1, plugins: {} },
      generation: { generation: 0, plugins: {} },
    })
  })

  test.each([
    ['tenon.json', '{"version": 1, "plugin": {}}', 'CONFIG_INVALID'],
    ['tenon.lock', '{"version": 1}', 'LOCK_INVALID'],
  ])('with a damaged %s names it', async (name, text, expected) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, name), text)
    await expect(readWorkspace(nodeDisk, folder)).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining(name),
    })
  })
})
