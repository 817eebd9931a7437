import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { InstalledPlugin, PluginRecord } from '@tenon/host'
import { chooseLevel } from '@tenon/sandbox'
import { collectAudit, temporaryFolder, wallWorld } from '@tenon/testkit'
import { openEventsStore } from '../src/compose/events-store.ts'
import { launchInSandbox, machineLevels, type Levels } from '../src/compose/launch.ts'
import type { WorkspaceInstallations } from '../src/compose/installations.ts'
import { locationsOf } from '../src/compose/locations.ts'
import { mapOf } from '../src/compose/map-process.ts'
import { runsOf } from '../src/compose/runs.ts'
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
    environment: ['TENON_WORKSPACE', 'ASKED'],
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
  const without = await step('call', 'looking', 'act', '--input', 'tenon.json')
  expect(JSON.parse(without)).toMatchObject({ environment: ['TENON_WORKSPACE'], shared: 'seen' })
  await step('admin', 'grants', 'looking', '--none')
  const blind = await tenon(['call', 'looking', 'act', '--input', 'tenon.json'], { env: { TENON_TOKEN: adminToken } })
  expect(blind.stderr).toContain('/workspace/shared/x.txt')
  expect(await step('admin', 'audit', '--action', 'capability.grant')).toMatch(
    / workspace +capability\.grant +looking +none$/m,
  )
})

const world = wallWorld()
const silent = { onDegraded: () => undefined, onThrottled: () => undefined }
const installed = (modules: string[], runtime: InstalledPlugin['description']['runtime']): InstalledPlugin => ({
  description: { dialect: 'tenon', original: null, id: 'sample', name: 'Sample', version: '1.0.0', runtime },
  manifestDigest: `sha256:${'0'.repeat(64)}`,
  signer: `sha256:${'1'.repeat(64)}`,
  gates: [],
  modules: modules.map((text) => Buffer.from(text)),
  file: () => undefined,
})

/** The levels of this machine, as if each lacked something. */
function lacking(): Levels {
  const levels = machineLevels(world)
  return { ...levels, choose: async (...asked) => ({ ...(await levels.choose(...asked)), degraded: ['no quota'] }) }
}

/** The levels of this machine, as if none held anything that it has. */
function promisingNothing(): Levels {
  const levels = machineLevels(world)
  const reportOf: Levels['reportOf'] = async (level) => {
    const report = await levels.reportOf(level)
    return report.available ? { ...report, guarantees: [] } : report
  }
  return { reportOf, choose: (required) => chooseLevel(reportOf, { required, signed: false }) }
}

/** A workspace with this one plugin. */
const holding = (plugin: InstalledPlugin): WorkspaceInstallations => ({
  ...{ ids: () => ['sample'], list: () => [plugin], get: () => plugin },
  ...{ granted: () => [], reload: async () => undefined },
  installed: () => ({ ...plugin, folder: '', files: [] }),
  verify: async () => ({ plugin, byOperator: false, findings: [] }),
})

/** What a host that has enabled the plugin says of it. */
const enabled = (plugin: InstalledPlugin) => ({
  installed: () => ({ ...plugin, folder: '', files: [{ path: 'src/r.mjs', bytes: new Uint8Array() }] }),
  authority: { asked: () => [], granted: () => [], isAllowed: () => false, insist: () => undefined },
  chosenFor: async () => ({}),
  admit: async () => ({ plugin, vouched: false, [Symbol.dispose]: () => undefined }),
  active: (): PluginRecord[] => [
    {
      ...{ id: 'sample', description: plugin.description, origin: 'installed', status: 'active', registeredAt: '' },
      ...{ tokenId: undefined, address: undefined, statusReason: undefined },
    },
  ],
})

test('a plugin that requires what no sandbox here holds is not launched, scanned with or run', async () => {
  const locations = locationsOf(world, { workspace: temporaryFolder() })
  const requiring = (runtime: InstalledPlugin['description']['runtime']): InstalledPlugin => {
    const plugin = installed(['export default {}'], runtime)
    return { ...plugin, description: { ...plugin.description, isolation: { requires: ['memory'] } } }
  }
  const refusal = expect.objectContaining({
    code: 'ISOLATION_UNAVAILABLE',
    message: expect.stringContaining('does not guarantee memory'),
  })
  const printed: string[] = []
  const log = (...line: string[]): void => void printed.push(line.join(' '))
  const ports = { world, locations, levels: promisingNothing(), log }
  const launch = launchInSandbox(ports)
  const node = requiring(NODE)
  await expect(launch({ plugin: node, vouched: false }, {}, silent, [])).rejects.toEqual(refusal)

  const map = requiring({ kind: 'map', extensions: ['src/r.mjs'] })
  await mapOf({ ...ports, audit: collectAudit(), ...enabled(map) }).scan({})
  expect(printed).toEqual([expect.stringMatching(/^sample warn takes no part in the scan: .* guarantee memory/)])

  const events = await openEventsStore(locations.host, world)
  onTestFinished(() => events.close())
  const python = holding(requiring({ kind: 'python', entryPoint: 'sample.run:run' }))
  const { signal } = new AbortController()
  const { admit } = enabled(map)
  const runs = runsOf({ ...ports, events, installations: python, signal, admit, tunnel: async () => undefined })
  const [dataset, out] = [locations.workspace, temporaryFolder()]
  const wish = { plugin: 'sample', dataset, out, work: null, config: {}, dryRun: false }
  await expect(runs.start(wish, signal)).rejects.toEqual(refusal)
})

const NODE = { kind: 'node', entry: 'src/plugin.ts' } as const

test.each([
  ['A', ['prepare', 'choose']],
  ['C', ['prepare', 'choose', 'drop', 'choose']],
  ['none', ['prepare', 'choose', 'drop', 'choose']],
] as const)(
  'a launcher is made while a host looks for its first level, and kept for level A: %s',
  async (level, steps) => {
    const locations = locationsOf(world, { workspace: temporaryFolder() })
    mkdirSync(locations.state, { recursive: true })
    const taken: string[] = []
    const take = (step: string) => async (): Promise<undefined> => void taken.push(step)
    const launcher = { take: async () => undefined, prepare: () => void taken.push('prepare'), drop: take('drop') }
    const standby = { launcher, guest: { ...launcher, release: async () => undefined }, release: async () => undefined }
    const { reportOf } = machineLevels(world)
    const choose: Levels['choose'] = async (required) => {
      taken.push('choose')
      if (level === 'none') throw new Error('no level')
      return chooseLevel(reportOf, { required, requested: level, signed: false })
    }
    const launch = launchInSandbox({ world, locations, levels: { reportOf, choose }, standby, log: () => undefined })
    const plugin = installed(['export default { operations: {} }'], NODE)
    for (const _time of [1, 2])
      await launch({ plugin, vouched: false }, {}, silent, []).then(
        (one) => one.stop(),
        () => undefined,
      )
    expect(taken.slice(0, steps.length)).toEqual(steps)
    expect(taken.filter((step) => step === 'drop')).toHaveLength(level === 'A' ? 0 : 1)
  },
)

test('what the sandbox lacks is told to whoever launches', async () => {
  const locations = locationsOf(world, { workspace: temporaryFolder() })
  mkdirSync(locations.state, { recursive: true })
  const printed: string[][] = []
  const log = (...line: string[]): void => void printed.push(line)
  const launch = launchInSandbox({ world, locations, levels: lacking(), log })
  const lacks: string[] = []
  const code = `import { definePlugin } from '@tenon/sdk'
console.log('out'); console.error('err')
export default definePlugin({ operations: {} })`
  const process = await launch(
    { plugin: installed([code], NODE), vouched: false },
    {},
    { ...silent, onDegraded: (lack) => void lacks.push(lack) },
    [],
  )
  await process.stop()
  expect(lacks).toEqual(['no quota'])
  expect(printed.toSorted()).toEqual([
    ['sample', 'info', 'out\n'],
    ['sample', 'warn', 'err\n'],
  ])
  await expect(launch({ plugin: installed([], NODE), vouched: false }, {}, silent, [])).rejects.toThrow(
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
  const audit = collectAudit()
  const ports = { world, locations, levels: lacking(), log: () => undefined, ...enabled(plugin) }
  await mapOf({ ...ports, audit }).scan({})
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
  await expect(mapOf({ ...ports, audit: { ...audit, record } }).scan({})).rejects.toThrow('no ledger')
  expect(ends).toEqual(['plugin.degraded', 'plugin.start', 'plugin.end'])
})
