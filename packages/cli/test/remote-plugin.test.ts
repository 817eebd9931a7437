import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { limits, type World } from '@tenon/contract'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { startRemotePlugin, type RemoteOrder } from '../src/compose/remote-plugin.ts'

/** Starts this text as a server; it notes its process id in a file beside it, and does not outlast the test. */
function started(text: string, changes: Partial<RemoteOrder> = {}) {
  const folder = temporaryFolder()
  const script = join(folder, 'server.mjs')
  const pidFile = join(folder, 'pid')
  writeFileSync(
    script,
    `import { writeFileSync } from 'node:fs'\nwriteFileSync('${pidFile}', String(process.pid))\n${text}`,
  )
  const order = { script, env: {}, isRegistered: () => true, world: wallWorld(), signal: new AbortController().signal }
  /** 0 until it has noted it. */
  const pid = (): number => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0)
  const isGone = (): boolean => pid() > 0 && !existsSync(`/proc/${pid()}`)
  onTestFinished(() => {
    if (pid() > 0 && !isGone()) process.kill(pid(), 'SIGKILL')
  })
  return { plugin: startRemotePlugin({ ...order, ...changes }), pid, isGone, folder }
}

const WAITS = 'setInterval(() => {}, 1000)'
const SAYS = `console.log('{ no json'); console.log('null'); console.log('{"port":"x"}'); console.log('{"port":4711}')`
const refusal = (message: string, hint?: string) =>
  expect.objectContaining({ code: 'PLUGIN_START_FAILED', message: expect.stringContaining(message), hint })

test('a server that says its port and registers is up, with nothing of this environment', async () => {
  const asked: number[] = []
  const isRegistered = () => asked.push(0) > 3
  const { plugin, isGone, folder } = started(
    `${SAYS}; writeFileSync(process.argv[1] + '.env', Object.keys(process.env).sort().join()); ${WAITS}`,
    { isRegistered, env: { ONE: '1' } },
  )
  const { port, stop } = await plugin
  expect([port, asked.length]).toEqual([4711, 4])
  expect(readFileSync(join(folder, 'server.mjs.env'), 'utf8')).toBe('ONE')
  await stop()
  expect(isGone()).toBe(true)
  await stop()
})

test('a server that goes on printing is not held up', async () => {
  const flood = `const line = 'x'.repeat(1023) + '\\n'
for (let count = 0; count < 2_000; count += 1) { process.stdout.write(line); process.stderr.write(line) }
process.stdout.write('', () => process.stderr.write('', () => writeFileSync(process.argv[1] + '.done', '')))`
  const { plugin, folder } = started(`${SAYS}; ${flood}; ${WAITS}`)
  const { stop } = await plugin
  const world = wallWorld()
  while (!existsSync(join(folder, 'server.mjs.done'))) await world.timer(5)
  await stop()
})

test('a server that does not want to end is ended', async () => {
  const { plugin, isGone } = started(`process.on('SIGTERM', () => {}); ${SAYS}; ${WAITS}`)
  await (await plugin).stop()
  expect(isGone()).toBe(true)
}, 20_000)

test.each([
  [
    'ends',
    `console.error('one'); console.error('two'); console.error('three'); console.error('four'); process.exit(3)`,
    'ended before',
    'It printed: two three four',
  ],
  ['ends without a word', '', 'ended before', undefined],
  ['says its port and ends', SAYS, 'ended before', undefined],
  ['throws', `throw new Error('no database')`, 'ended before', expect.stringContaining('Node.js')],
])('a server that %s has not started', async (_, text, message, hint) => {
  const { plugin, isGone } = started(text, { isRegistered: () => false })
  await expect(plugin).rejects.toEqual(refusal(message, hint))
  expect(isGone()).toBe(true)
})

test.each([
  ['says no port', WAITS],
  ['closes its output', `console.error('odd'); process.stdout.destroy(); ${WAITS}`],
  ['never registers', `${SAYS}; ${WAITS}`],
])(
  'a server that %s is given up, and is gone',
  async (_, text) => {
    expect(limits.pluginStartMs).toBeGreaterThan(1_000)
    const timer: World['timer'] = (ms, signal) => wallWorld().timer(ms === limits.pluginStartMs ? 600 : ms, signal)
    const { plugin, isGone } = started(text, { isRegistered: () => false, world: { ...wallWorld(), timer } })
    await expect(plugin).rejects.toEqual(
      expect.objectContaining({
        code: 'PLUGIN_START_FAILED',
        message: expect.stringContaining('was not registered in time'),
      }),
    )
    expect(isGone()).toBe(true)
  },
  20_000,
)

test('waiting ends when the command is stopped, and the server is gone', async () => {
  const stopping = new AbortController()
  const { plugin, pid, isGone } = started(`${SAYS}; ${WAITS}`, {
    isRegistered: () => false,
    signal: stopping.signal,
  })
  const world = wallWorld()
  while (pid() === 0) await world.timer(5)
  stopping.abort('SIGTERM')
  await expect(plugin).rejects.toEqual(
    expect.objectContaining({ code: 'CALL_CANCELLED', message: 'stopped by SIGTERM' }),
  )
  expect(isGone()).toBe(true)
})

test('a script that is not there has not started', async () => {
  const { plugin } = started('', { script: '/nowhere/server.mjs' })
  await expect(plugin).rejects.toEqual(refusal('ended before', expect.stringContaining('Node.js')))
})
