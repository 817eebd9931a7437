import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDatabase, temporaryFolder, withoutPostgres } from '@tenon/testkit'
import type { Tenon } from './in-process.ts'
import { market, stepper } from './market.ts'

const KEEPS = `import type { Context } from '@tenon/sdk'
export async function act(input: { set?: string }, ctx: Context): Promise<object> {
  if (input.set !== undefined) await ctx.kv.set('a', input.set)
  return { a: (await ctx.kv.get('a')) ?? 'nothing' }
}
`

/** A plugin that keeps a value, published; `folder` opens a data folder of its own, with or without a database. */
async function published() {
  const { publish, tenon, home, project } = await market()
  await publish({
    id: 'keeper',
    spec: { permissions: [{ capability: 'storage:kv', reason: 'it keeps' }] },
    files: { 'src/act.ts': KEEPS },
  })
  const folder = (name: string, env: Record<string, string>) => {
    const at = ['--data-dir', join(home, name)]
    const asked: Tenon = (argv) => tenon([...argv, ...at], { cwd: home, env })
    const step = stepper(asked)
    return {
      data: join(home, name),
      step,
      install: async () => {
        await step('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')
        await step('plugin', 'enable', 'keeper')
      },
      act: async (input: object): Promise<string> => {
        writeFileSync(join(home, 'input.json'), JSON.stringify(input))
        return JSON.parse(await step('call', 'keeper', 'act', '--input', 'input.json')).a
      },
    }
  }
  return { folder, home, project, tenon }
}

describe.skipIf(withoutPostgres)('with TENON_DATABASE_URL', () => {
  test('a host keeps in PostgreSQL what its plugins keep, and a backup moves it there and back', async () => {
    const { folder } = await published()
    const env = { TENON_DATABASE_URL: await temporaryDatabase() }
    const [embedded, served, again] = [folder('embedded', {}), folder('served', env), folder('again', env)]
    await embedded.install()
    await served.install()
    expect(await embedded.act({ set: 'moved' })).toBe('moved')
    expect(await served.act({})).toBe('nothing')
    await embedded.step('admin', 'storage', 'backup', 'moving.db')
    await served.step('admin', 'storage', 'restore', 'moving.db')
    expect(await served.act({})).toBe('moved')
    expect(existsSync(join(served.data, 'host/storage.db'))).toBe(false)
    await again.install()
    expect(await again.act({})).toBe('moved')
    expect(await again.act({ set: 'both' })).toBe('both')
    expect(await served.act({})).toBe('both')
    expect(await served.step('admin', 'storage', 'check')).toBe('every row is as it was written\n')
    await served.step('admin', 'storage', 'backup', 'back.db')
    await embedded.step('admin', 'storage', 'restore', 'back.db')
    expect(await embedded.act({})).toBe('both')
  })

  test('what a project keeps stays in its folder', async () => {
    const { tenon, project } = await published()
    const env = { TENON_DATABASE_URL: await temporaryDatabase() }
    const step = stepper((argv) => tenon(argv, { env }))
    await step('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')
    await step('plugin', 'enable', 'keeper')
    writeFileSync(join(project, 'input.json'), '{ "set": "here" }')
    await step('call', 'keeper', 'act', '--input', 'input.json')
    await step('admin', 'storage', 'backup', 'saved.db')
    expect(readFileSync(join(project, 'saved.db')).includes('"here"')).toBe(true)
    expect(existsSync(join(project, '.tenon/data/storage.db'))).toBe(true)
  })
})

const READS = `import type { Context } from '@tenon/sdk'
export async function act(_input: object, ctx: Context): Promise<object> {
  const keeper = ctx.kv.of('keeper')
  const put = await keeper.set('a', 'theirs').then(() => 'put', ({ code }) => code)
  return { read: (await keeper.get('a')) ?? 'nothing', put }
}
`

describe.each([
  ['SQLite', false, true, async () => ({})],
  ['PostgreSQL', withoutPostgres, false, async () => ({ TENON_DATABASE_URL: await temporaryDatabase() })],
])('in %s', (_store, isMissing, hasFile, environment) => {
  test.skipIf(isMissing)('a plugin reaches the keys of another as far as that is granted, which is shown', async () => {
    const { publish, tenon, home } = await market()
    const keeping = [{ capability: 'storage:kv', reason: 'it keeps' }]
    await publish({ id: 'keeper', spec: { permissions: keeping }, files: { 'src/act.ts': KEEPS } })
    const [read, write] = ['read', 'write'].map((access) => `storage:kv:${access}:keeper`) as [string, string]
    const permissions = [read, write].map((capability) => ({ capability, reason: 'it looks' }))
    await publish({ id: 'reader', spec: { permissions }, files: { 'src/act.ts': READS } })
    const env = await environment()
    const data = join(home, 'kept')
    const step = stepper((argv) => tenon([...argv, '--data-dir', data], { cwd: home, env }))
    await step('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')
    await step('plugin', 'install', 'acme/reader', '--grant', read)
    for (const id of ['keeper', 'reader']) await step('plugin', 'enable', id)
    writeFileSync(join(home, 'input.json'), '{ "set": "mine" }')
    const act = async (id: string) => JSON.parse(await step('call', id, 'act', '--input', 'input.json'))
    await act('keeper')
    expect(await act('reader')).toEqual({ read: 'mine', put: 'PERMISSION_DENIED' })
    const inspected = await step('plugin', 'inspect', 'reader')
    expect(inspected).toMatch(/^storage:kv:read:keeper +granted +used once +it looks$/m)
    expect(inspected).toMatch(/^storage:kv:write:keeper +not granted +never used +it looks$/m)
    await step('admin', 'grants', 'reader', '--set', write)
    expect(await act('reader')).toEqual({ read: 'theirs', put: 'put' })
    expect(existsSync(join(data, 'host/storage.db'))).toBe(hasFile)
  })
})

test.each([
  ['postgres://me:hunter2@127.0.0.1:1/x', 2, /DATABASE_UNREACHABLE: postgres:\/\/127\.0\.0\.1:1\/x: .*\nhint: Is the/],
  ['mysql://me:hunter2@host/x', 2, /CONFIG_INVALID: TENON_DATABASE_URL is no URL of PostgreSQL\nhint: It has/],
])('a database that cannot be used is told without its password: %s', async (url, status, said) => {
  const { tenon } = await market()
  for (const words of [
    ['plugin', 'list'],
    ['host', 'serve', '--port', '0'],
  ]) {
    const folder = join(temporaryFolder(), 'data')
    const refused = await tenon([...words, '--data-dir', folder], { env: { TENON_DATABASE_URL: url } })
    expect([words, refused.code, refused.stderr]).toEqual([words, status, expect.stringMatching(said)])
    expect(refused.stdout + refused.stderr).not.toContain('hunter2')
  }
})
