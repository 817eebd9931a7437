import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { assert } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { probeLevels, type LevelReport } from '@tenon/sandbox'
import { asOrdinaryUser, canBeOrdinary, printedThrough } from './host-process.ts'
import { MARK, MARKED_USERS, markedWorld } from './marked-world.ts'
import { codeOf, isRoot, OWN_ROOT, pluginFrom, pluginWith, python } from './sandboxed.ts'

const world = markedWorld()

/** What the sandboxes of a marked world run on the machine, and the groups that they have. */
const leftovers = (): string[] => [...markedUsers().map((user) => `process of ${user}`), ...markedGroups()]

const claimedNames = (): string[] =>
  readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => isMarked(Number(/@tenon-user-(\d+)/.exec(line)?.[1])))

/** A process that another thread is starting holds a copy of a name until it runs its program; nothing else may last. */
async function expectNothingLeft(told?: string): Promise<void> {
  expect(leftovers(), told).toEqual([])
  await expect.poll(claimedNames).toEqual([])
}

const CGROUPS = '/sys/fs/cgroup'

/** The controllers are mounted below one folder, or all there. */
const markedGroups = (): string[] =>
  [CGROUPS, ...foldersIn(CGROUPS)].flatMap(foldersIn).filter((path) => path.includes(MARK))

const foldersIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))

/** The users of the processes that marked sandboxes run now. */
const markedUsers = (): number[] =>
  readdirSync('/proc').flatMap((pid) => {
    const status = /^\d+$/.test(pid) ? statusOf(pid) : ''
    const user = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])
    return isMarked(user) && !status.includes('State:\tZ') ? [user] : []
  })

const isMarked = (user: number): boolean => user >= MARKED_USERS && user < MARKED_USERS + 64

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

const HOST = fileURLToPath(new URL('./one-plugin-host.ts', import.meta.url))
const PROBE_HOST = fileURLToPath(new URL('./probe-host.ts', import.meta.url))

const DAEMON = `if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for descriptor in range(3): os.close(descriptor)
        time.sleep(60)
    os._exit(0)
os.wait()`

describe.each(OWN_ROOT)('on level %s', (level) => {
  test('daemons that forked twice end with their run', async () => {
    const { report } = await python(level, DAEMON, { world })
    expect(report.completed).toBe(true)
    await expectNothingLeft()
  })

  test('nothing is left after a stop, a kill, a failed start and a refused one', async () => {
    const stopped = await pluginWith(level, `hello: () => 'hi'`, { world })
    expect(leftovers()).not.toEqual([])
    await stopped.stop()
    await expectNothingLeft()
    await python(level, `time.sleep(60)`, { world, limits: { wallMs: 300 } })
    await expectNothingLeft()
    await codeOf(pluginFrom(level, `throw new Error('no')`, { world }))
    await expectNothingLeft()
    const mounts = [{ source: '/nowhere', target: '/nowhere', readOnly: true }]
    await codeOf(pluginWith(level, '', { world, mounts }))
    await expectNothingLeft()
  })

  test('nothing runs on when the host is killed', async () => {
    const host = spawn(process.execPath, [HOST, level, temporaryFolder()], {
      env: { PATH: process.env['PATH'] },
    })
    host.stdout.setEncoding('utf8')
    const [line] = (await Array.fromAsync(firstOf(host.stdout))) as [string]
    expect(line).toContain('running')
    host.kill('SIGKILL')
    await once(host, 'close')
    await expect.poll(markedUsers).toEqual([])
    await probeLevels(world)
    await expectNothingLeft()
  })
})

test('a host that is killed at any instant of a start leaves nothing that the next probe does not clear away', async () => {
  const seed = Date.now() % 100_000
  const stateDir = temporaryFolder()
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const host = spawn(process.execPath, [HOST, 'B', stateDir], { env: { PATH: process.env['PATH'] }, stdio: 'ignore' })
    await expect.poll(() => markedUsers().length, { interval: 1 }).toBeGreaterThan(0)
    await world.timer(((seed + attempt) * 7919) % 40)
    host.kill('SIGKILL')
    await once(host, 'close')
  }
  await world.timer(300)
  await probeLevels(world)
  await expectNothingLeft(`seed ${seed}`)
})

test.runIf(isRoot)(
  'what still runs in a group of a host that is gone is ended by the next probe, and the group goes',
  async () => {
    const { pid } = process
    const namespace = readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')
    const tree = existsSync(`${CGROUPS}/pids`) ? `${CGROUPS}/pids` : CGROUPS
    // No process of this id began at the beginning of all.
    const group = join(tree, `tenon-${namespace}-${pid}-0-${MARK}`)
    mkdirSync(join(group, 'inner'), { recursive: true })
    const left = spawn('sleep', ['600'])
    onTestFinished(() => void left.kill('SIGKILL'))
    writeFileSync(join(group, 'inner/cgroup.procs'), String(left.pid))
    const ended = once(left, 'exit')
    await probeLevels(world)
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(existsSync(group)).toBe(false)
  },
)

/** bubblewrap as the sandbox calls it, told to wait at the instant in which its first inner process cannot see it die. */
async function startInTheBlindInstant(): Promise<ChildProcess> {
  const bubblewrap = ['bwrap', '--args', '4', '--seccomp', '5', '--info-fd', '6', '--', '/bin/true']
  const user = ['--reuid', String(MARKED_USERS), '--regid', String(MARKED_USERS), '--clear-groups']
  const stdio = [
    'ignore' as const,
    'ignore' as const,
    'ignore' as const,
    ...Array.from({ length: 5 }, () => 'pipe' as const),
  ]
  const child = spawn('setpriv', [...user, ...bubblewrap], { stdio, detached: true })
  const stream = (descriptor: number) => (child.stdio as unknown as Duplex[])[descriptor] as Duplex
  const args = [
    '--unshare-user',
    '--unshare-pid',
    '--die-with-parent',
    '--ro-bind',
    '/',
    '/',
    '--userns-block-fd',
    '7',
    '',
  ]
  stream(4).end(args.join('\0'))
  stream(5).end(Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]))
  for (const opened of child.stdio) opened?.on('error', () => {})
  await once(stream(6), 'data')
  return child
}

test.runIf(isRoot)('a start that its killed host left half-way is ended by the next probe', async () => {
  const start = await startInTheBlindInstant()
  await probeLevels(world)
  expect(markedUsers()).toHaveLength(2)
  start.kill('SIGKILL')
  await once(start, 'exit')
  // A probe by anybody on this machine may have ended it already.
  await probeLevels(world)
  await expect.poll(markedUsers).toEqual([])
})

test.runIf(isRoot)('what a host in a process namespace of its own runs is left alone by probes outside', async () => {
  const around = ['--pid', '--fork', '--mount-proc', '--kill-child']
  const host = spawn('unshare', [...around, process.execPath, HOST, 'B', temporaryFolder()], {
    env: { PATH: process.env['PATH'] },
  })
  onTestFinished(async () => {
    host.kill('SIGKILL')
    await expect.poll(markedUsers).toEqual([])
  })
  host.stdout.setEncoding('utf8')
  expect(await Array.fromAsync(firstOf(host.stdout))).toEqual([expect.stringContaining('running')])
  const running = markedUsers()
  expect(running).not.toEqual([])
  await probeLevels(world)
  expect(markedUsers()).toEqual(running)
})

async function* firstOf(stream: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const chunk of stream) {
    yield chunk
    return
  }
}

test.runIf(isRoot)('two plugins have two users, and neither is anybody of the host', async () => {
  const plugins = await Promise.all([pluginWith('A', '', { world }), pluginWith('A', '', { world })])
  expect(new Set(markedUsers())).toEqual(new Set([MARKED_USERS, MARKED_USERS + 1]))
  await Promise.all(plugins.map((plugin) => plugin.stop()))
})

test.runIf(canBeOrdinary)(
  'an ordinary user gets level B with the same answers (root, in a clone that all may read)',
  async () => {
    const stateDir = temporaryFolder()
    chmodSync(stateDir, 0o777)
    expect(printedThrough(asOrdinaryUser, [HOST, 'best', stateDir])).toBe('running B: "hi"\noom\n')
    expect(existsSync(join(stateDir, 'guest'))).toBe(true)
  },
)

test.runIf(canBeOrdinary)(
  'a start that was left half-way is not in the way of other users, who cannot end it',
  async () => {
    const start = await startInTheBlindInstant()
    start.kill('SIGKILL')
    await once(start, 'exit')
    const stateDir = temporaryFolder()
    chmodSync(stateDir, 0o777)
    expect(printedThrough(asOrdinaryUser, [HOST, 'best', stateDir])).toContain('running B')
    await probeLevels(world)
    await expect.poll(markedUsers).toEqual([])
  },
)

test('a bound that the kernel does not take starts nothing', async () => {
  const limits = { memoryMb: 10_000_000_000_000 }
  await expect(pluginWith('A', '', { world, limits })).rejects.toMatchObject({
    code: 'ISOLATION_UNAVAILABLE',
    message: expect.stringContaining('after 10485760000000000000 was written'),
  })
  await expectNothingLeft()
})

test.runIf(isRoot)(
  'a probe in another process namespace, where none of its makers is seen, takes no group away',
  async () => {
    const plugin = await pluginWith('A', `hi: () => 'hi'`, { world })
    const empty = `${markedGroups()[0]}-between-made-and-joined`
    mkdirSync(empty)
    onTestFinished(() => rmdirSync(empty))
    const elsewhere = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
    const [best] = JSON.parse(printedThrough(elsewhere, [PROBE_HOST])) as LevelReport[]
    expect(best).toMatchObject({ level: 'A', available: true })
    expect(existsSync(empty)).toBe(true)
    expect(await plugin.call('hi', null, { traceId: 't' })).toBe('hi')
  },
)

test('an end waits for a process that somebody put into the group of a run', async () => {
  const controller = new AbortController()
  const running = python('A', `time.sleep(60)`, { world, signal: controller.signal })
  await expect.poll(() => markedUsers().length).toBeGreaterThan(0)
  const groups = markedGroups()
  const group = groups.find((path) => path.includes('/memory/')) ?? groups[0]
  assert(group !== undefined, 'a run on level A has groups')
  const intruder = spawn('sleep', ['60'])
  onTestFinished(() => void intruder.kill())
  writeFileSync(join(group, 'cgroup.procs'), String(intruder.pid))
  controller.abort()
  await expect.poll(() => [...markedUsers(), ...markedGroups()]).toEqual([group])
  intruder.kill()
  expect((await running).report).toMatchObject({ exit: { reason: 'killed' } })
  await expectNothingLeft()
})

test('a start that hangs before the sandbox is made is ended with all that it has started', async () => {
  // Not in /tmp, which the launcher covers for what it starts.
  const bin = mkdtempSync('/var/tmp/tn-')
  onTestFinished(() => rmSync(bin, { recursive: true }))
  chmodSync(bin, 0o755)
  writeFileSync(join(bin, 'bwrap'), '#!/bin/sh\n/bin/sleep 60\n', { mode: 0o755 })
  const slow = markedWorld({ PATH: `${bin}:${process.env['PATH']}` })
  const { report } = await python('A', '', { world: slow, limits: { wallMs: 200 } })
  expect(report).toMatchObject({ completed: false, exit: { reason: 'time', signal: 'SIGKILL' } })
  await expectNothingLeft()
})

test.runIf(isRoot)('a user that another host holds is passed over, and none is shared when all are taken', async () => {
  const names = Array.from({ length: 64 }, (_, index) => `\0tenon-user-${MARKED_USERS + index}`)
  const holders = names.map((name) => createServer().listen(name))
  await Promise.all(holders.map((server) => once(server, 'listening')))
  expect(await codeOf(pluginWith('A', '', { world }))).toBe('ISOLATION_UNAVAILABLE')
  holders.pop()?.close()
  const plugin = await pluginWith('A', '', { world })
  expect(new Set(markedUsers())).toEqual(new Set([MARKED_USERS + 63]))
  await plugin.stop()
  for (const server of holders) server.close()
})

test.runIf(isRoot)('a folder on a file system without idmapped mounts is refused by name', async () => {
  await expect(
    pluginWith('A', '', { mounts: [{ source: '/proc/sys', target: '/granted', readOnly: true }] }),
  ).rejects.toMatchObject({
    code: 'PLUGIN_START_FAILED',
    details: { log: expect.stringContaining('idmapped') },
  })
})
