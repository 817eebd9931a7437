import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { InstalledPlugin } from '@tenon/host'
import { collectAudit, temporaryFolder, wallWorld } from '@tenon/testkit'
import { launchInSandbox, machineLevels, type Levels } from '../src/compose/launch.ts'
import { locationsOf } from '../src/compose/locations.ts'
import { mapOf } from '../src/compose/map-process.ts'
import { market, stepper, type Market } from './market.ts'

const ACT = `import { readFileSync, statSync } from 'node:fs'
import type { Context } from '@tenon/sdk'
const isThere = (path: string): boolean => { try { statSync(path); return true } catch { return false } }
export async function act(_input: object, ctx: Context): Promise<object> {
  const denied = await ctx.fetch({ url: 'https://elsewhere.example.net/' }).catch(({ code }) => code)
  return {
    environment: Object.keys(process.env).filter((name) => /ASKED|GRANTED|UNSET|TENON/.test(name)),
    asked: process.env.ASKED,
    shared: readFileSync('/workspace/shared/x.txt', 'utf8'),
    other: isThere('/workspace/tenon.json'),
    denied,
  }
}
`

test('a plugin sees of environment, files and network what it asked for and was granted, here or there', async () => {
  const { publish, tenon, host, project }: Market = await market()
  const asks = ['env:read:ASKED', 'env:read:UNSET', 'net:connect:api.example.net', 'fs:read:${workspace}/shared/**']
  const permissions = [...asks, 'env:read:NOT_GRANTED'].map((capability) => ({ capability, reason: 'to see it' }))
  await publish({ id: 'looking', spec: { permissions }, files: { 'src/act.ts': ACT } })
  mkdirSync(join(project, 'shared'))
  writeFileSync(join(project, 'shared/x.txt'), 'seen')
  const env = { ASKED: 'value', NOT_GRANTED: 'x', GRANTED_ONLY: 'y', TENON_SECRET: 'z' }
  const { url, adminToken } = await host([], { env })
  const step = stepper((argv) => tenon(argv, { env: { TENON_TOKEN: adminToken } }))
  const grants = ['env:read:ASKED', 'env:read:UNSET', 'env:read:GRANTED_ONLY', 'net:connect:**.net']
  await step('plugin', 'install', 'acme/looking', ...grants.flatMap((capability) => ['--grant', capability]))
  await step('admin', 'grants', 'looking', '--set', 'fs:read:${workspace}/**')
  await step('plugin', 'enable', 'looking')
  expect(JSON.parse(await step('call', 'looking', 'act', '--input', 'tenon.json'))).toEqual({
    environment: ['ASKED'],
    asked: 'value',
    shared: 'seen',
    other: false,
    denied: 'EGRESS_DENIED',
  })
  expect(await step('plugin', 'inspect', 'looking')).toMatch(/^looking 1\.0\.0: active, \w+, level [AB]\n/)
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const levels = (await (await fetch(`${url}/workspace/levels`, { headers })).json()) as { levels: unknown[] }
  expect(levels.levels).toContainEqual(expect.objectContaining({ level: 'B', available: true }))
  const body = JSON.stringify({ grants: { looking: [] } })
  await fetch(`${url}/workspace/grants`, { method: 'PUT', headers, body })
  expect(await step('admin', 'audit', '--action', 'capability.grant')).toMatch(
    / workspace +capability\.grant +looking +none$/m,
  )
})

const world = wallWorld()
const installed = (modules: string[], runtime: InstalledPlugin['description']['runtime']): InstalledPlugin => ({
  description: { dialect: 'tenon', original: null, id: 'sample', name: 'Sample', version: '1.0.0', runtime },
  manifestDigest: `sha256:${'0'.repeat(64)}`,
  signer: `sha256:${'1'.repeat(64)}`,
  modules: modules.map((text) => Buffer.from(text)),
  file: () => undefined,
})

/** The levels of this machine, as if each lacked something. */
function lacking(): Levels {
  const levels = machineLevels(world)
  return { ...levels, choose: async (required) => ({ ...(await levels.choose(required)), degraded: ['no quota'] }) }
}

test('what the sandbox lacks is told to whoever launches', async () => {
  const locations = locationsOf(world, { workspace: temporaryFolder() })
  mkdirSync(locations.state, { recursive: true })
  const printed: string[][] = []
  const log = (...line: string[]): void => void printed.push(line)
  const launch = launchInSandbox({ world, locations, levels: lacking(), granted: () => [], log })
  const lacks: string[] = []
  const node = { kind: 'node', entry: 'src/plugin.ts' } as const
  const code = `import { definePlugin } from '@tenon/sdk'
console.log('out'); console.error('err')
export default definePlugin({ operations: {} })`
  const process = await launch(installed([code], node), {}, (lack) => lacks.push(lack))
  await process.stop()
  expect(lacks).toEqual(['no quota'])
  expect(printed.toSorted()).toEqual([
    ['sample', 'info', 'out\n'],
    ['sample', 'warn', 'err\n'],
  ])
  await expect(launch(installed([], node), {}, () => undefined)).rejects.toThrow(
    expect.objectContaining({
      code: 'PLUGIN_START_FAILED',
      message: expect.stringContaining('"sample" holds no module'),
    }),
  )
})

test('what it lacks for a scan is audited, and a ledger that cannot be written ends scan and worker', async () => {
  const locations = locationsOf(world, { workspace: temporaryFolder() })
  const rule = `export default { id: 'r', kind: 'rule', version: '1.0.0', emitsRuleIds: ['r'], defaultSeverity: 'info', evaluate: () => [] }`
  const plugin = installed([rule], { kind: 'map', extensions: ['src/r.mjs'] })
  const installations = {
    ...{ list: () => [plugin], get: () => plugin, granted: () => [], reload: async () => undefined },
    installed: () => ({ ...plugin, folder: '' }),
  }
  const audit = collectAudit()
  const ports = { world, locations, installations, levels: lacking(), log: () => undefined, isActive: () => true }
  await mapOf({ ...ports, audit }).scan()
  expect(audit.entries.map(({ action, reason }) => [action, reason])).toEqual([
    ['plugin.degraded', 'no quota'],
    ['plugin.start', expect.stringMatching(/^started at level [AB] for a scan$/)],
    ['plugin.end', 'exit'],
  ])
  const ends: string[] = []
  const record: typeof audit.record = async ({ action }) => {
    ends.push(action)
    if (action === 'plugin.start') throw new Error('no ledger')
  }
  await expect(mapOf({ ...ports, audit: { ...audit, record } }).scan()).rejects.toThrow('no ledger')
  expect(ends).toEqual(['plugin.degraded', 'plugin.start', 'plugin.end'])
})
