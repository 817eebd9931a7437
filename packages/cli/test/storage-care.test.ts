import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { takeOwnership } from '@tenon/database'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { tenonIn, type Tenon } from './in-process.ts'
import { market, stepper } from './market.ts'

const KEEPS = `import type { Context } from '@tenon/sdk'
export async function act(input: { set?: string }, ctx: Context): Promise<object> {
  if (input.set !== undefined) await ctx.kv.set('a', input.set)
  return { a: (await ctx.kv.get('a')) ?? 'nothing' }
}
`

/** A plugin that keeps a value, in a host that serves or is opened for each command. */
async function keeping() {
  const { publish, tenon, host, project, home } = await market()
  const permissions = [{ capability: 'storage:kv', reason: 'it keeps' }]
  await publish({ id: 'keeper', spec: { permissions }, files: { 'src/act.ts': KEEPS } })
  await stepper(tenon)('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')
  await stepper(tenon)('plugin', 'enable', 'keeper')
  const act = async (as: Tenon, input: object): Promise<string> => {
    writeFileSync(join(project, 'input.json'), JSON.stringify(input))
    return JSON.parse(await stepper(as)('call', 'keeper', 'act', '--input', 'input.json')).a
  }
  const data = join(project, '.tenon/data')
  return { tenon, host, project, home, data, act, keys: join(home, '.local/share/tenon/keys/master.key') }
}

/** Changes what is stored behind everybody's back. */
function tamper(data: string, sql: string): void {
  using db = new DatabaseSync(join(data, 'storage.db'))
  db.exec(sql)
}

describe('an operator', () => {
  test('backs up a host that serves, and restores it, and both are in the ledger', async () => {
    const { tenon, host, project, data, act } = await keeping()
    const { url, adminToken } = await host()
    const asAdmin: Tenon = (argv) => tenon(argv, { env: { TENON_TOKEN: adminToken } })
    const step = stepper(asAdmin)
    await act(asAdmin, { set: 'before' })
    const saved = await step('admin', 'storage', 'backup', 'saved.db')
    expect(saved).toBe(`${statSync(join(project, 'saved.db')).size} bytes are in saved.db\n`)
    expect(statSync(join(project, 'saved.db')).mode & 0o777).toBe(0o600)
    await act(asAdmin, { set: 'after' })
    expect(await step('admin', 'storage', 'restore', 'saved.db')).toBe('what plugins keep is as saved.db has it\n')
    expect(await act(asAdmin, {})).toBe('before')
    expect(await step('admin', 'storage', 'check')).toBe('every row is as it was written\n')
    expect(readdirSync(join(data, 'transfers'))).toEqual([])
    for (const action of ['storage.backup', 'storage.restore'])
      expect(JSON.parse(await step('admin', 'audit', '--action', action, '--json'))).toMatchObject({
        total: 1,
        items: [{ actor: expect.stringMatching(/^admin:/), decision: 'allow', target: 'host' }],
      })
    const headers = { authorization: `Bearer ${adminToken}` }
    const answer = await fetch(`${url}/admin/storage/backup`, { headers })
    expect(answer.headers.get('content-type')).toBe('application/vnd.sqlite3')
    expect((await answer.bytes()).length).toBe(Number(answer.headers.get('content-length')))
  })

  test('is told of every damaged row, and gets no backup of them', async () => {
    const { tenon, project, data, act } = await keeping()
    await act(tenon, { set: 'plan' })
    tamper(data, "UPDATE plugin_row SET value = replace(value, 'plan', 'flan')")
    const checked = await tenon(['admin', 'storage', 'check'])
    expect([checked.code, checked.stdout]).toEqual([5, expect.stringMatching(/DAMAGED *\nkeeper +kv +a *\n$/)])
    expect((await tenon(['admin', 'storage', 'check', '--json'])).json()).toEqual({
      damaged: [{ plugin: 'keeper', space: 'kv', key: 'a' }],
    })
    const backup = await tenon(['admin', 'storage', 'backup', 'saved.db'])
    expect([backup.code, backup.stderr]).toEqual([5, expect.stringContaining('DATA_FOLDER_CORRUPT')])
    expect(readdirSync(project).filter((name) => name.startsWith('saved'))).toEqual([])
    const audit = (await tenon(['admin', 'audit', '--action', 'storage.backup', '--decision', 'deny', '--json'])).json()
    expect(audit).toMatchObject({ total: 1, items: [{ reason: 'DATA_FOLDER_CORRUPT' }] })
  })

  test('is refused what is no backup, and a file that cannot be used', async () => {
    const { tenon, project, data, act } = await keeping()
    await act(tenon, { set: 'kept' })
    writeFileSync(join(project, 'diary.txt'), 'dear diary\n'.repeat(500))
    const cases: [words: string[], status: number, stderr: string][] = [
      [['restore', 'diary.txt'], 5, 'DATA_FOLDER_CORRUPT'],
      [['restore', 'nowhere.db'], 2, 'USAGE: the file nowhere.db cannot be read'],
      [['backup', 'nowhere/saved.db'], 2, 'USAGE: the file nowhere/saved.db cannot be written'],
    ]
    for (const [words, status, stderr] of cases) {
      const refused = await tenon(['admin', 'storage', ...words])
      expect([words, refused.code, refused.stderr]).toEqual([words, status, expect.stringContaining(stderr)])
    }
    expect(await act(tenon, {})).toBe('kept')
    expect(readdirSync(join(data, 'transfers'))).toEqual([])
  })

  test('rotates the master key of a host that serves, and forgets the former one when it is told to', async () => {
    const { tenon, host, keys, data, act } = await keeping()
    const { adminToken } = await host()
    const asAdmin: Tenon = (argv) => tenon(argv, { env: { TENON_TOKEN: adminToken } })
    const step = stepper(asAdmin)
    const first = readFileSync(keys)
    await act(asAdmin, { set: 'kept' })
    expect(await step('admin', 'storage', 'rotate-key')).toBe('every secret is sealed under a new master key\n')
    expect(readFileSync(keys).subarray(32)).toEqual(first)
    expect(statSync(keys).mode & 0o777).toBe(0o600)
    const second = readFileSync(keys).subarray(0, 32)
    expect(second).not.toEqual(first)
    expect(await step('admin', 'storage', 'drop-former-keys')).toBe('1 former master key(s) are forgotten\n')
    expect(readFileSync(keys)).toEqual(second)
    expect(await step('admin', 'storage', 'drop-former-keys')).toBe('0 former master key(s) are forgotten\n')
    expect(await act(asAdmin, {})).toBe('kept')
    const ledger = readFileSync(join(data, 'events.db'))
    for (const key of [first, second])
      expect([ledger.includes(key), ledger.includes(key.toString('base64'))]).toEqual([false, false])
  })

  test('is told that another key of the environment has to come from there', async () => {
    const { tenon, keys } = await keeping()
    const env = { TENON_MASTER_KEY: Buffer.alloc(32, 1).toString('base64') }
    const refused = await tenon(['admin', 'storage', 'rotate-key'], { env })
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/KEY_INVALID.*\nhint: Start again with/)])
    expect((await tenon(['admin', 'storage', 'drop-former-keys'], { env })).code).toBe(0)
    expect(existsSync(keys)).toBe(false)
  })
})

test('what a kill left of a backup that was on its way is gone when the host opens', async () => {
  const { tenon, data } = await keeping()
  writeFileSync(join(data, 'transfers/left'), 'half')
  expect((await tenon(['plugin', 'list'])).code).toBe(0)
  expect(readdirSync(join(data, 'transfers'))).toEqual([])
})

test('a backup that does not come whole is not kept, and what is there stays', async () => {
  const home = temporaryFolder()
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 1_000 }).write('half of it')
    setImmediate(() => response.destroy())
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const ownership = takeOwnership(join(home, 'data'), { world: wallWorld() })
  onTestFinished(() => ownership.release())
  ownership.setUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  writeFileSync(join(home, 'saved.db'), 'the one before')
  const words = ['admin', 'storage', 'backup', 'saved.db', '--data-dir', 'data']
  const { code, stderr } = await tenonIn(home)(words, { env: { TENON_TOKEN: 'x' } })
  expect([code, stderr]).toEqual([2, expect.stringContaining('HOST_UNREACHABLE')])
  expect(readFileSync(join(home, 'saved.db'), 'utf8')).toBe('the one before')
  expect(readdirSync(home).sort()).toEqual(['data', 'saved.db'])
})
