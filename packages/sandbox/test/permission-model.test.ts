import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { chooseLevel, levelProbe, runJob, startPlugin, type PluginOrder, type PluginProcess } from '@tenon/sandbox'
import { codeOf, commandOf, SPIN, spunUntilTold, world } from './sandboxed.ts'

const options = { traceId: 't' }
const level = await chooseLevel(levelProbe(world), { required: [], signed: true, requested: 'F' })

async function fenced(operations: string, changes: Partial<PluginOrder> = {}): Promise<PluginProcess> {
  const source = `import { definePlugin } from '@tenon/sdk'
import fs from 'node:fs'
export default definePlugin({ operations: { ${operations} } })`
  const plugin = await startPlugin({
    ...{
      world,
      level,
      limits: {},
      mounts: [],
      workspace: undefined,
      env: {},
      handlers: {},
      stateDir: temporaryFolder(),
    },
    plugin: { id: 'sample', version: '1.0.0', kind: 'node', code: { bytes: Buffer.from(source) } },
    onLog: () => {},
    onDegraded: () => {},
    onThrottled: () => {},
    ...changes,
  })
  onTestFinished(async () => void (await plugin.stop()))
  return plugin
}

test('a plugin sees its mounts, its own folder and its environment, and is told what else to ask for', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), 'text')
  const stateDir = temporaryFolder()
  const mounts = [{ source: folder, target: '/workspace/docs', readOnly: true }]
  const plugin = await fenced(
    `read: (path) => fs.readFileSync(path, 'utf8'), write: (path) => fs.writeFileSync(path, 'x'), env: () => process.env`,
    { mounts, stateDir, env: { GRANTED: 'yes' } },
  )
  expect(plugin.level).toBe('F')
  expect(await plugin.call('read', join(folder, 'file'), options)).toBe('text')
  const env = (await plugin.call('env', null, options)) as Record<string, string>
  expect(Object.keys(env).toSorted()).toEqual(['GRANTED', 'HOME', 'LANG', 'PATH', 'TENON_WORKSPACE', 'TMPDIR'])
  await plugin.call('write', join(env['HOME'] ?? '', 'own'), options)
  for (const [operation, path] of [
    ['read', '/etc/passwd'],
    ['write', join(folder, 'file')],
  ] as const)
    await expect(plugin.call(operation, path, options)).rejects.toMatchObject({
      details: { pluginCode: 'ERR_ACCESS_DENIED' },
      hint: expect.stringContaining(`fs:${operation}:${path}`),
    })
  await plugin.stop()
  expect(readdirSync(join(stateDir, 'rooms'))).toEqual([])
})

test('what it lacks is told with each start', async () => {
  const said: string[] = []
  await fenced('', { onDegraded: (message) => void said.push(message) })
  expect(said).toContainEqual(expect.stringContaining('networks and signals are open'))
})

test('memory and processor time are held to by polling, and the main process is held back too', async () => {
  const told: string[] = []
  const plugin = await fenced(
    `eat: () => { const held = []; for (;;) held.push(Buffer.alloc(1_048_576, 1)) }, ${SPIN}`,
    { limits: { memoryMb: 128, cpu: 0.1 }, onThrottled: (message) => void told.push(message) },
  )
  await spunUntilTold(plugin, told)
  expect(told).toHaveLength(1)
  const { cpuMs, wallMs } = plugin.usage()
  expect(cpuMs).toBeLessThan(1_500 + 0.1 * wallMs)
  expect(await codeOf(plugin.call('eat', null, options))).toBe('PLUGIN_CRASHED')
  expect(await plugin.ended).toMatchObject({ reason: 'oom' })
})

test('only node plugins run there', async () => {
  const job = runJob({
    ...{ world, level, mounts: [], workspace: undefined, limits: {}, env: {}, stateDir: temporaryFolder() },
    program: { argv: ['node', '-e', '0'] },
    onLog: () => {},
    onDegraded: () => {},
    onThrottled: () => {},
  })
  await expect(job).rejects.toMatchObject({
    code: 'ISOLATION_UNAVAILABLE',
    message: expect.stringContaining('node plugins'),
  })
})

test('a folder that holds the workspace cannot be shown, one inside it can', async () => {
  const workspace = temporaryFolder()
  mkdirSync(join(workspace, 'docs'))
  const at = (source: string) => ({ workspace, mounts: [{ source, target: '/workspace', readOnly: true }] })
  expect(await codeOf(fenced('', at(workspace)))).toBe('PERMISSION_DENIED')
  expect((await fenced('', at(join(workspace, 'docs')))).level).toBe('F')
})

test('a plugin ends with its host', async () => {
  const stateDir = temporaryFolder()
  const host = spawn(process.execPath, [join(import.meta.dirname, 'one-plugin-host.ts'), 'F', stateDir], {
    env: { PATH: process.env['PATH'] },
  })
  onTestFinished(() => void host.kill('SIGKILL'))
  const [line] = (await once(host.stdout, 'data')) as [Buffer]
  expect(line.toString()).toContain('running F')
  const plugins = (): string[] =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(join(stateDir, 'rooms')))
  expect(plugins()).toHaveLength(1)
  host.kill('SIGKILL')
  await expect.poll(plugins).toEqual([])
})
