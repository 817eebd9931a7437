import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { launcherStandby, probeLevels, type Standby } from '@tenon/sandbox'
import { codeOf, commandOf, isRoot, pluginWith, world as wall } from './sandboxed.ts'

const MARK = 'kept-ready'
let made = 0
const world = { ...wall, newId: () => `${MARK}-${(made += 1)}` }
const HOST = fileURLToPath(new URL('./standby-host.ts', import.meta.url))

/** The processes in groups with a name that holds a mark: launchers that wait, and what became of others. */
const inGroups = (mark: string): string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && groupsOf(pid).includes(mark))

function groupsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    return ''
  }
}

const waiting = (mark = MARK): string[] => inGroups(mark).filter((pid) => commandOf(pid).includes('launcher.pl'))

function standbyOfTest(): Standby {
  const standby = launcherStandby(world)
  onTestFinished(() => standby.release())
  return standby
}

/** A launcher waits, in its group. */
async function prepared(standby: Standby): Promise<string> {
  standby.prepare()
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
    const [taken, ...none] = await Promise.all([standby.take(), standby.take(), standby.take()])
    expect([taken?.child.pid, ...none]).toEqual([Number(launcher), undefined, undefined])
    await taken?.dispose()
    expect(inGroups(MARK)).toEqual([])
  })

  test('is followed by another once a plugin is there, also where two start together', async () => {
    const standby = standbyOfTest()
    const first = await prepared(standby)
    const plugins = await Promise.all([1, 2].map(() => pluginWith('A', ACT, { world, standby })))
    await expect.poll(() => waiting()).toHaveLength(1)
    expect(waiting()).not.toContain(first)
    await Promise.all(plugins.map((plugin) => plugin.stop()))
    expect(inGroups(MARK)).toEqual(waiting())
  })

  test('is not for other levels, and is made for none', async () => {
    const standby = standbyOfTest()
    const launcher = await prepared(standby)
    for (const level of ['B', 'C'] as const) await pluginWith(level, ACT, { world, standby })
    expect(waiting()).toEqual([launcher])
  })
})

describe.runIf(isRoot)('a launcher that waited in vain', () => {
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
    const take: Standby['take'] = async () => {
      const launcher = await standby.take()
      launcher?.child.kill('SIGKILL')
      await (launcher && once(launcher.child, 'exit'))
      return launcher
    }
    expect(await codeOf(pluginWith('A', ACT, { world, standby: { ...standby, take } }))).toBe('PLUGIN_START_FAILED')
    expect(inGroups(MARK)).toEqual([])
  })

  test('is gone when it is released, and when its plugin is refused', async () => {
    const standby = launcherStandby(world)
    await prepared(standby)
    const mounts = [{ source: '/proc/sys', target: '/granted', readOnly: true }]
    expect(await codeOf(pluginWith('A', ACT, { world, standby, mounts }))).toBe('PLUGIN_START_FAILED')
    expect(inGroups(MARK)).toEqual([])
    await prepared(standby)
    await standby.release()
    standby.prepare()
    await probeLevels(world)
    expect(inGroups(MARK)).toEqual([])
    expect(groupsThere(MARK)).toEqual([])
  })

  test('ends by itself when its host is killed', async () => {
    const mark = `killed-${process.pid}`
    const host = spawn(process.execPath, [HOST, mark], { env: { PATH: process.env['PATH'] } })
    await expect.poll(() => waiting(mark)).toHaveLength(1)
    host.kill('SIGKILL')
    await once(host, 'close')
    await expect.poll(() => waiting(mark)).toEqual([])
    await probeLevels(world)
    expect(groupsThere(mark)).toEqual([])
  })
})

/** The groups, in whichever tree, with a name that holds a mark. */
const groupsThere = (mark: string): string[] =>
  ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`)].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.includes(mark))
      .map(({ name }) => `${folder}/${name}`),
  )
