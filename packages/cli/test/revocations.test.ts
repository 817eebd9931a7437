import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { newPlugin } from '@tenon/authoring'
import { newSigningKey, nodeDisk, publicKeyText } from '@tenon/bundle'
import { limits, type World } from '@tenon/contract'
import { wallWorld } from '@tenon/testkit'
import type { Ended, Parsed, Served } from './in-process.ts'
import { ECHO, market, type Market } from './market.ts'

const wall = wallWorld()

/** Waits for a condition. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    expect(tries).toBeLessThan(400)
    await wall.timer(25)
  }
}

/** The wall's time, but it can be moved on, and a host that looks again and again waits hardly at all. */
function movable(): Pick<World, 'now' | 'timer'> & { pass(ms: number): void } {
  let passed = 0
  return {
    now: () => wall.now() + passed,
    timer: (ms, signal) => wall.timer(ms === limits.revocationPollMs ? 20 : ms, signal),
    pass: (ms) => void (passed += ms),
  }
}

let here: Market
let publisherToken: string

beforeEach(async () => {
  here = await market()
  await here.publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  const env = { TENON_TOKEN: here.registry.adminToken }
  publisherToken = (await here.tenon(['admin', 'publisher', 'acme', '--json'], { env })).json().token
})

type OnHost = Served & {
  as(...argv: string[]): Promise<Ended>
  json(...argv: string[]): Promise<Parsed>
  refusals(): Promise<[target: string, reason: string][]>
}

/** A host that serves, with the plugin installed, enabled and running. */
async function runningHost(time?: Pick<World, 'now' | 'timer'>): Promise<OnHost> {
  const host = await here.host([], time === undefined ? {} : { time })
  const env = { TENON_TOKEN: host.adminToken }
  const as = (...argv: string[]) => here.tenon(argv, { env })
  const json = async (...argv: string[]): Promise<Parsed> => {
    const ended = await as(...argv, '--json')
    expect([argv, ended.code, ended.stderr]).toEqual([argv, 0, ''])
    return ended.json()
  }
  await json('plugin', 'install', 'acme/echoing')
  await json('plugin', 'enable', 'echoing')
  await json('call', 'echoing', 'act', '--input', 'tenon.json')
  const refusals = async () =>
    (await json('admin', 'audit', '--action', 'plugin.refused')).items.map((one: Parsed) => [one.target, one.reason])
  return { ...host, as, json, refusals }
}

const call = ['call', 'echoing', 'act', '--input', 'tenon.json']
const level = async (host: OnHost): Promise<unknown> => (await host.json('plugin', 'inspect', 'echoing')).level
const signer = async (host: OnHost): Promise<string> =>
  (await host.json('plugin', 'inspect', 'echoing')).verification.signer

describe('an operator who revokes on this machine', () => {
  test('a key ends at once what runs by it, and lets it neither start nor be trusted again', async () => {
    const host = await runningHost()
    expect(await level(host)).toMatch(/^[AB]$/)
    const keyId = await signer(host)
    expect((await host.as('key', 'revoke', keyId, '--why', 'the notebook was stolen')).stdout).toBe(
      `${keyId} is revoked on this machine\n`,
    )
    expect(await level(host)).toBeUndefined()
    expect((await host.json('admin', 'audit', '--action', 'plugin.end')).total).toBe(1)
    const refused = await host.as(...call)
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/^error KEY_REVOKED: echoing@1\.0\.0 is signed by .*: the notebook was stolen\nhint: /),
    ])
    expect(await host.refusals()).toEqual([
      ['echoing', expect.stringMatching(/^KEY_REVOKED: /)],
      ['echoing', expect.stringMatching(/^KEY_REVOKED: /)],
    ])
    expect((await host.as('plugin', 'inspect', 'echoing')).stdout).toContain('would not start: KEY_REVOKED: ')
    const { keys, here: revoked } = await host.json('key', 'list')
    expect([keys, revoked]).toMatchObject([
      [{ keyId, publisher: 'acme', revoked: true }],
      [{ kind: 'key', digest: keyId, why: 'the notebook was stolen' }],
    ])
    const again = await host.json('key', 'revoke', keyId, '--why', 'another reason')
    expect(again).toEqual(revoked[0])
  })

  test('a bundle ends that plugin, and no other of its publisher', async () => {
    await here.publish({ id: 'other', files: { 'src/act.ts': ECHO } })
    const host = await runningHost()
    await host.json('plugin', 'install', 'acme/other')
    await host.json('plugin', 'enable', 'other')
    for (const [wish, code] of [
      [['echoing@2.0.0'], 'VERSION_UNKNOWN'],
      [['nobody'], 'PLUGIN_UNKNOWN'],
    ] as const)
      expect((await host.as('plugin', 'revoke', ...wish, '--why', 'x')).stderr).toContain(code)
    await host.json('plugin', 'revoke', 'echoing@1.0.0', '--why', 'it is wrong')
    expect(await level(host)).toBeUndefined()
    expect((await host.as(...call)).stderr).toContain('BUNDLE_REVOKED: echoing@1.0.0 was revoked at ')
    await host.json('call', 'other', 'act', '--input', 'tenon.json')
    const entries = (await host.json('admin', 'audit', '--action', 'bundle.revoke')).items
    expect(entries.map((one: Parsed) => [one.actor, one.decision, one.reason])).toEqual([
      ['admin:administrator', 'allow', 'it is wrong'],
      ['admin:administrator', 'deny', 'PLUGIN_UNKNOWN'],
      ['admin:administrator', 'deny', 'VERSION_UNKNOWN'],
    ])
  })

  test('does it for every workspace of the machine, and nothing revoked is installed there', async () => {
    const host = await runningHost()
    await host.json('plugin', 'revoke', 'echoing', '--why', 'it is wrong')
    const other = join(here.home, 'other')
    const inOther = (...argv: string[]) => here.tenon([...argv, '--workspace', other])
    const byBundle = await inOther('plugin', 'install', 'acme/echoing')
    expect([byBundle.code, byBundle.stderr]).toEqual([5, expect.stringContaining('BUNDLE_REVOKED')])
    await here.publish({ id: 'second', files: { 'src/act.ts': ECHO } })
    await host.json('key', 'revoke', await signer(host), '--why', 'stolen')
    const byKey = await inOther('plugin', 'install', 'acme/second')
    expect([byKey.code, byKey.stderr]).toEqual([5, expect.stringContaining('KEY_REVOKED')])
  })

  test('cannot trust the key again', async () => {
    const host = await runningHost()
    const key = newSigningKey()
    writeFileSync(join(here.project, 'key.pem'), publicKeyText(key.publicKey))
    await host.json('key', 'trust', 'key.pem', '--publisher', 'acme')
    expect((await host.json('key', 'list')).keys).toContainEqual({
      ...{ keyId: key.id, publisher: 'acme', source: 'operator', revoked: false },
    })
    await host.json('key', 'revoke', key.id, '--why', 'lost')
    const refused = await host.as('key', 'trust', 'key.pem', '--publisher', 'acme')
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/KEY_REVOKED: .* was revoked at .*: lost/),
    ])
    writeFileSync(join(here.project, 'key.pem'), 'no key')
    expect((await host.as('key', 'trust', 'key.pem', '--publisher', 'acme')).stderr).toContain('KEY_INVALID')
    const tried = (await host.json('admin', 'audit', '--action', 'key.trust')).items
    expect(tried.map((one: Parsed) => [one.target, one.decision])).toEqual([
      [key.id, 'deny'],
      [key.id, 'allow'],
    ])
  })
})

const revokeThere = (...argv: string[]) =>
  here.tenon([...argv, '--registry', here.registry.url], { env: { TENON_TOKEN: publisherToken } })

describe('a registry that revokes', () => {
  test('is heard by the host that installed from it, by itself, which ends the plugin', async () => {
    const host = await runningHost(movable())
    const told = await revokeThere('plugin', 'revoke', 'echoing@1.0.0', '--why', 'it is wrong')
    expect([told.code, told.stdout]).toEqual([0, `echoing@1.0.0 is revoked at ${here.registry.url}\n`])
    await until(async () => (await host.refusals()).length > 0)
    expect(await host.refusals()).toEqual([['echoing', expect.stringMatching(/^BUNDLE_REVOKED: /)]])
    await until(async () => (await level(host)) === undefined)
    expect((await host.as(...call)).stderr).toContain('BUNDLE_REVOKED')
  })

  test('is asked before a start when that is due, and at once when an operator wants it', async () => {
    const host = await runningHost()
    await revokeThere('key', 'revoke', await signer(host), '--why', 'stolen')
    expect((await host.as(...call)).code).toBe(0)
    const { heard } = await host.json('key', 'list', '--ask')
    expect(heard).toMatchObject([{ registry: here.registry.url, revocations: [{ kind: 'key', publisher: 'acme' }] }])
    expect(await level(host)).toBeUndefined()
    expect((await host.as(...call)).stderr).toContain('KEY_REVOKED')
  })

  test('offers the version no more, and what has it keeps the rest of its workspace', async () => {
    await here.publish({ id: 'other', files: { 'src/act.ts': ECHO } })
    await here.publish({ id: 'echoing', spec: { version: '1.1.0' }, files: { 'src/act.ts': ECHO } }, '1.1.0')
    const host = await runningHost()
    await revokeThere('plugin', 'revoke', 'echoing@1.1.0', '--why', 'it is wrong')
    await host.json('plugin', 'install', 'acme/other')
    expect((await host.json('plugin', 'list')).workspace.plugins).toMatchObject({
      echoing: { version: '1.1.0' },
      other: { version: '1.0.0' },
    })
    await host.json('plugin', 'install', 'acme/echoing')
    expect((await host.json('plugin', 'inspect', 'echoing')).version).toBe('1.0.0')
    expect((await host.as(...call)).code).toBe(0)
  })

  test('ends a run that is under way', async () => {
    const { root } = await newPlugin(nodeDisk, join(here.home, 'python'), '/policies', {
      ...{ id: 'counter', kind: 'python', publisher: 'acme' },
    })
    writeFileSync(
      join(root, 'src/counter/run.py'),
      'import time\n\n\ndef run(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):\n    time.sleep(600)\n',
    )
    await here.tenon(['plugin', 'derive', root])
    expect((await here.tenon(['plugin', 'publish', root], { env: { TENON_TOKEN: publisherToken } })).stderr).toBe('')
    const host = await runningHost()
    await host.json('plugin', 'install', 'acme/counter')
    const run = host.as('run', 'counter', '--dataset', root, '--out', join(here.home, 'out'), '--json')
    await until(async () => (await host.json('admin', 'audit', '--action', 'run.start')).total === 1)
    await revokeThere('plugin', 'revoke', 'counter@0.1.0', '--why', 'it never ends')
    await host.json('key', 'list', '--ask')
    expect((await run).json().record).toMatchObject({ status: 'cancelled' })
    expect(await host.refusals()).toEqual([['counter', expect.stringMatching(/^BUNDLE_REVOKED: /)]])
  })
})

test('while a registry does not answer its last word counts, and after a week nothing of it starts', async () => {
  const time = movable()
  const host = await runningHost(time)
  await host.json('plugin', 'disable', 'echoing')
  await host.json('plugin', 'enable', 'echoing')
  await here.registry.stop()
  time.pass(limits.revocationAgeMs - 60_000)
  expect((await host.as(...call)).code).toBe(0)
  expect(await level(host)).toMatch(/^[AB]$/)
  time.pass(120_000)
  await until(async () => (await level(host)) === undefined)
  const refused = await host.as(...call)
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/^error REVOCATIONS_STALE: what http\S+ has revoked was last heard at 20.*\nhint: /),
  ])
})
