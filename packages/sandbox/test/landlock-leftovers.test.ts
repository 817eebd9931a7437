import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { leftIn } from './left-in.ts'
import { codeOf, pluginFrom, pluginWith, python, world } from './sandboxed.ts'

const HOST = fileURLToPath(new URL('./one-plugin-host.ts', import.meta.url))

test('nothing is left after a stop, a time out, a failed start and a refused one', async () => {
  const stateDir = temporaryFolder()
  const running = await pluginWith('C', `hello: () => 'hi'`, { stateDir })
  expect(leftIn(stateDir)).not.toEqual([])
  await running.stop()
  expect(leftIn(stateDir)).toEqual([])
  await python('C', `time.sleep(60)`, { stateDir, limits: { wallMs: 300 } })
  await codeOf(pluginFrom('C', `throw new Error('no')`, { stateDir }))
  await codeOf(pluginWith('C', '', { stateDir, mounts: [{ source: '/nowhere', target: '/nowhere', readOnly: true }] }))
  expect(leftIn(stateDir)).toEqual([])
})

test('a daemon that holds nothing ends with its run', async () => {
  const stateDir = temporaryFolder()
  const body = `if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for descriptor in range(4): os.close(descriptor)
        time.sleep(60)
    os._exit(0)
os.wait()`
  const { report } = await python('C without groups', body, { stateDir })
  expect(report.completed, report.logTail).toBe(true)
  expect(leftIn(stateDir)).toEqual([])
})

test('daemons and a herd that forks on end with their run', async () => {
  const stateDir = temporaryFolder()
  const body = `for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                if os.fork() == 0: time.sleep(0.01)
                else: os._exit(0)
        os._exit(0)`
  const { report } = await python('C', body, { stateDir })
  expect(report.completed, report.logTail).toBe(true)
  expect(leftIn(stateDir)).toEqual([])
})

test('a plugin that would live on ends with its host', async () => {
  const stateDir = temporaryFolder()
  const host = spawn(process.execPath, [HOST, 'C', stateDir], { env: { PATH: process.env['PATH'] } })
  onTestFinished(() => void host.kill('SIGKILL'))
  await once(host.stdout, 'data')
  host.kill('SIGKILL')
  await once(host, 'close')
  const processes = (): string[] => leftIn(stateDir).filter((name) => /^\d+$/.test(name))
  await expect.poll(processes).toEqual([])
})

test('a host that is killed at any instant leaves no process, and the next start clears away the rest', async () => {
  const seed = Date.now() % 100_000
  const stateDir = temporaryFolder()
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const before = leftIn(stateDir)
    const isNew = (name: string): boolean => name !== String(host.pid) && !before.includes(name)
    const host = spawn(process.execPath, [HOST, 'C', stateDir], { env: { PATH: process.env['PATH'] }, stdio: 'ignore' })
    onTestFinished(() => void host.kill('SIGKILL'))
    await expect.poll(() => leftIn(stateDir).some(isNew), { interval: 1 }).toBe(true)
    await world.timer(((seed + attempt) * 7919) % 60)
    host.kill('SIGKILL')
    await once(host, 'close')
  }
  const processes = (): string[] => leftIn(stateDir).filter((name) => /^\d+$/.test(name))
  await expect.poll(processes, { message: `seed ${seed}` }).toEqual([])
  const plugin = await pluginWith('C', '', { stateDir })
  await plugin.stop()
  expect(leftIn(stateDir)).toEqual([])
})
