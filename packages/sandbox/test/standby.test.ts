import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { limits, type World } from '@tenon/contract'
import { standbyOf, probeLevels, type Standby } from '@tenon/sandbox'
import { temporaryFolder } from '@tenon/testkit'
import { groupsThere, guestsIn, launchersIn, marking } from './marked-groups.ts'
import { codeOf, commandOf, isRoot, pluginWith } from './sandboxed.ts'

const MARK = 'kept-ready'
const world = marking(MARK)
const waiting = (): string[] => launchersIn(MARK)
const HOST = fileURLToPath(new URL('./standby-host.ts', import.meta.url))

function standbyOfTest(): Standby {
  const standby = standbyOf(world)
  onTestFinished(() => standby.release())
  return standby
}

/** A launcher waits, in its group. */
async function prepared(standby: Standby): Promise<string> {
  standby.launcher.prepare()
  await expect.poll(() => waiting()).toHaveLength(1)
  return waiting()[0] ?? ''
}

const ACT = `who: () => [process.getuid(), process.pid], eat: () => { const held = []; for (;;) held.push(Buffer.alloc(1_048_576, 1)) }`

describe.runIf(isRoot)('a launcher that waits', () => {
  test('becomes the next plugin, which is contained and bounded as any other', async () => {
    const standby = standbyOfTest()
    const launcher = await prepared(standby)
    const plugin = await pluginWith('A', ACT, { world, standby, limits: { memoryMb: 128 } })
    expect(commandOf(launcher)).toContain('bwrap')
    expect(await plugin.call('who', null, { traceId: 't' })).toEqual([65_534, 2])
    expect(await codeOf(plugin.call('eat', null, { traceId: 't' }))).toBe('PLUGIN_CRASHED')
    expect((await plugin.ended).reason).toBe('oom')
  })

  test('is taken by one start only', async () => {
    const standby = standbyOfTest()
    const launcher = await prepared(standby)
    const [taken, ...none] = await Promise.all([
      standby.launcher.take(),
      standby.launcher.take(),
      standby.launcher.take(),
    ])
    expect([taken?.child.pid, ...none]).toEqual([Number(launcher), undefined, undefined])
    await taken?.dispose()
    expect(groupsThere(MARK)).toEqual([])
  })

  test('is followed by another once a plugin is there, also where two start together', async () => {
    const standby = standbyOfTest()
    const first = await prepared(standby)
    const plugins = await Promise.all([1, 2].map(() => pluginWith('A', ACT, { world, standby })))
    await expect.poll(() => waiting()).toHaveLength(1)
    expect(waiting()).not.toContain(first)
    await Promise.all(plugins.map((plugin) => plugin.stop()))
    await expect.poll(() => guestsIn(MARK)).toHaveLength(1)
  })

  test('is made behind the first answer of a plugin, which it would hold up', async () => {
    const due = Promise.withResolvers<void>()
    const timer: World['timer'] = (ms, signal) => (ms === limits.standbyAfterMs ? due.promise : world.timer(ms, signal))
    const made: string[] = []
    const standby = standbyOfTest()
    const launcher = { ...standby.launcher, prepare: () => void made.push('launcher') }
    const plugin = await pluginWith('A', ACT, { world: { ...world, timer }, standby: { ...standby, launcher } })
    await plugin.call('who', null, { traceId: 't' })
    expect(made).toEqual([])
    due.resolve()
    await expect.poll(() => made).toEqual(['launcher'])
  })

  test('is not for other levels, and is made for none', async () => {
    const standby = standbyOfTest()
    const launcher = await prepared(standby)
    for (const level of ['B', 'C'] as const) await pluginWith(level, ACT, { world, standby })
    expect(waiting()).toEqual([launcher])
  })
})

describe.runIf(isRoot)('a launcher that waited in vain', () => {
  test('is ended where nothing will take it, and another may be made', async () => {
    const standby = standbyOfTest()
    const first = await prepared(standby)
    await standby.launcher.drop()
    expect(waiting()).toEqual([])
    await standby.launcher.drop()
    expect(await prepared(standby)).not.toBe(first)
  })

  test('is not taken when it has ended', async () => {
    const standby = standbyOfTest()
    process.kill(Number(await prepared(standby)), 'SIGKILL')
    await expect.poll(() => waiting()).toEqual([])
    const plugin = await pluginWith('A', ACT, { world, standby })
    expect(await plugin.call('who', null, { traceId: 't' })).toEqual([65_534, 2])
  })

  test('fails the start that has taken it when it ends then', async () => {
    const standby = standbyOfTest()
    await prepared(standby)
    const take: Standby['launcher']['take'] = async () => {
      const launcher = await standby.launcher.take()
      launcher?.child.kill('SIGKILL')
      await (launcher && once(launcher.child, 'exit'))
      return launcher
    }
    expect(
      await codeOf(pluginWith('A', ACT, { world, standby: { ...standby, launcher: { ...standby.launcher, take } } })),
    ).toBe('PLUGIN_START_FAILED')
    expect(groupsThere(MARK)).toEqual([])
  })

  test('is gone when it is released, and when its plugin is refused', async () => {
    const standby = standbyOf(world)
    await prepared(standby)
    const mounts = [{ source: '/proc/sys', target: '/granted', readOnly: true }]
    expect(await codeOf(pluginWith('A', ACT, { world, standby, mounts }))).toBe('PLUGIN_START_FAILED')
    expect(groupsThere(MARK)).toEqual([])
    await prepared(standby)
    await standby.release()
    standby.launcher.prepare()
    await probeLevels(world)
    expect(groupsThere(MARK)).toEqual([])
  })

  test('ends by itself when its host is killed', async () => {
    const mark = `killed-${process.pid}`
    const host = spawn(process.execPath, [HOST, mark, temporaryFolder()], { env: { PATH: process.env['PATH'] } })
    await expect.poll(() => launchersIn(mark)).toHaveLength(1)
    host.kill('SIGKILL')
    await once(host, 'close')
    await expect.poll(() => launchersIn(mark)).toEqual([])
    await probeLevels(world)
    expect(groupsThere(mark)).toEqual([])
  })
})
