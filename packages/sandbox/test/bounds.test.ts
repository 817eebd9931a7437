import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { World } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { codeOf, LEVELS_HERE, pluginWith, python, SPIN, spunUntilTold, world } from './sandboxed.ts'

const options = { traceId: 't' }

describe.each(LEVELS_HERE)('on level %s', (level) => {
  test('512 MiB of Buffers in 128 MiB of memory end as oom', async () => {
    const plugin = await pluginWith(
      level,
      `eat: () => { const held = []; for (let n = 0; n < 512; n++) held.push(Buffer.alloc(1_048_576, 1)); return held.length }`,
      { limits: { memoryMb: 128 } },
    )
    await expect(plugin.call('eat', null, options)).rejects.toMatchObject({
      code: 'PLUGIN_CRASHED',
      details: { reason: 'oom' },
    })
    expect(await plugin.ended).toMatchObject({
      reason: 'oom',
      signal: 'SIGKILL',
      message: expect.stringContaining('128 MiB'),
      evidence: expect.objectContaining(
        ['A', 'C', 'E'].includes(level) ? { oomKills: 1 } : { seenBytes: expect.any(Number) },
      ),
    })
  })

  test('a fork bomb ends as pids', async () => {
    // Where neither a group nor a user id bounds it, the machine is to live through it: in the end none is added, only replaced.
    const isPolled = level === 'C without groups'
    const body = isPolled
      ? 'first = os.getpid()\nfor _ in range(8):\n    os.fork()\nwhile os.getpid() != first:\n    if os.fork(): os._exit(0)\n    time.sleep(0.02)\ntime.sleep(60)'
      : 'while True:\n    os.fork()'
    const { report } = await python(level, body, { limits: { processes: 20, memoryMb: 4_096, wallMs: 20_000 } })
    expect(report).toMatchObject({
      completed: false,
      exit: { reason: 'pids', message: expect.stringMatching(/20 processes|refused another process/) },
    })
  })

  test('a plugin that uses its share of the processors up is held back and told of once, not ended', async () => {
    const said: string[] = []
    const plugin = await pluginWith(level, SPIN, {
      limits: { cpu: 0.1 },
      onThrottled: (message) => void said.push(message),
    })
    await spunUntilTold(plugin, said)
    expect(said).toEqual(['it used its share of 0.1 processors up'])
    const { cpuMs, wallMs } = plugin.usage()
    expect(cpuMs).toBeLessThan(1_500 + 0.1 * wallMs)
  })

  test('a plugin within its share is not held back', async () => {
    const said: string[] = []
    const plugin = await pluginWith(level, `hello: () => 'hi'`, { onThrottled: (message) => void said.push(message) })
    for (let count = 0; count < 20; count += 1) await plugin.call('hello', null, options)
    expect(said).toEqual([])
  })

  test('a run past its wall time ends as time', async () => {
    const { report } = await python(level, `time.sleep(60)`, { limits: { wallMs: 500 } })
    expect(report).toMatchObject({ completed: false, exit: { reason: 'time', evidence: { wallMs: 500 } } })
    expect(report.usage.wallMs).toBeLessThan(30_000)
  })

  test('a run past its processor time ends as cpu', async () => {
    const { report } = await python(level, `while True: pass`, { limits: { cpuMs: 400, wallMs: 20_000 } })
    expect(report).toMatchObject({ exit: { reason: 'cpu' } })
    expect(report.usage.cpuMs).toBeGreaterThanOrEqual(400)
  })

  test('a spinning run gets its share of the processor and no more', async () => {
    const { report } = await python(level, `while True: pass`, { limits: { cpu: 0.3, wallMs: 4_000 } })
    expect(report.exit.reason).toBe('time')
    expect(report.usage.cpuMs).toBeLessThan(0.3 * 4_000 + 1_600)
    expect(report.usage.cpuMs).toBeGreaterThan(300)
  })

  test('the private /tmp is bounded, and a run that dies of it ends as disk', async () => {
    const { report } = await python(level, `open(os.environ['TMPDIR'] + '/big', 'wb').write(bytes(40 * 1048576))`, {
      limits: { diskMb: 32 },
    })
    // Where the kernel does not bound it, polling may end it before it can tell what it was refused.
    const told = level.startsWith('C') ? {} : { failure: { exception: 'OSError' } }
    expect(report).toMatchObject({ exit: { reason: 'disk' }, ...told })
  })

  test('no file may grow over the bound, however fast it is written', async () => {
    const body = `import resource\nseen['bytes'] = resource.getrlimit(resource.RLIMIT_FSIZE)[1]`
    const { seen } = await python(level, body, { limits: { diskMb: 16 } })
    expect(seen).toEqual({ bytes: expect.closeTo(16 * 1_048_576, -6) })
  })

  test('what is written faster than it may be is held back and told of, and arrives', async () => {
    const said: string[] = []
    const body = `for n in range(60):
    with open(out_dir / 'same', 'wb') as file:
        file.write(bytes(524288)); file.flush(); os.fsync(file.fileno())
    time.sleep(0.02)`
    const limits = { ioMbPerSec: 4, diskMb: 64, wallMs: 60_000 }
    const { report } = await python(level, body, { limits, onThrottled: (message) => void said.push(message) })
    expect(report, report.logTail).toMatchObject({ completed: true })
    expect(report.usage.wallMs).toBeGreaterThan(4_000)
    expect(said).toEqual(['it moved more than 4 MiB a second to and from disks'])
  })

  test('a run that moves far more at once than it may ends as io', async () => {
    const body = `with open(out_dir / 'big', 'wb') as file:
    for n in range(400):
        file.write(bytes(1048576)); file.flush(); os.fsync(file.fileno())`
    const { report } = await python(level, body, { limits: { ioMbPerSec: 0.5, diskMb: 1_000, wallMs: 60_000 } })
    expect(report.exit).toMatchObject({ reason: 'io', message: expect.stringContaining('0.5 MiB a second') })
  })

  test('a run that wants more open files than it may have is told so', async () => {
    const { report } = await python(level, `held = [open(os.devnull) for n in range(1_000)]`)
    expect(report.exit).toMatchObject({ message: 'it wanted more open files than it may have' })
  })

  test('a run that comes near its open files and its threads is told of, once', async () => {
    const said: string[] = []
    const body = `import threading
held = [open(os.devnull) for n in range(238)]
for n in range(44): threading.Thread(target=time.sleep, args=(2.5,)).start()
time.sleep(2.5)`
    const { report } = await python(level, body, { onThrottled: (message) => void said.push(message) })
    expect(report, report.logTail).toMatchObject({ completed: true })
    expect(said.toSorted()).toEqual([
      expect.stringMatching(/^it has 4[4-7] of the 48 threads that it may have$/),
      expect.stringMatching(/^it holds 24\d of the 256 open files that it may have$/),
    ])
  })

  test('a run that fills its output folder ends as disk', async () => {
    const body = `for n in range(10_000):\n    (out_dir / str(n)).write_bytes(bytes(1048576)); time.sleep(0.002)`
    const { report } = await python(level, body, { limits: { diskMb: 16, wallMs: 30_000 } })
    expect(report).toMatchObject({ exit: { reason: 'disk', message: expect.stringContaining('16 MiB') } })
  })
})

test('a tree within its bounds is left alone and measured', async () => {
  const { report } = await python('A', `held = bytearray(30 * 1048576); seen['n'] = len(held)`, {
    limits: { memoryMb: 128 },
  })
  expect(report).toMatchObject({ completed: true, exit: { reason: 'exit', code: 0 }, level: 'A', degraded: [] })
  expect(report.usage.maxRssBytes).toBeGreaterThan(30 * 1_048_576)
})

test('level B says what it keeps only by polling', async () => {
  const said: string[] = []
  const { report } = await python('B', ``, { onDegraded: (message) => void said.push(message) })
  expect(said).toEqual([expect.stringContaining('memory'), expect.stringContaining('processor')])
  expect(report.degraded).toEqual(said)
})

test('usage can be read while a plugin runs', async () => {
  const plugin = await pluginWith(
    'B',
    `spin: () => { const end = Date.now() + 200; while (Date.now() < end); return null }`,
  )
  await plugin.call('spin', null, options)
  await expect.poll(() => plugin.usage().cpuMs).toBeGreaterThan(0)
  expect(plugin.usage().maxRssBytes).toBeGreaterThan(1_048_576)
})

test('a job is cancelled by its signal, at once and before it starts', async () => {
  const controller = new AbortController()
  const running = python('A', `time.sleep(60)`, { signal: controller.signal })
  await world.timer(200)
  controller.abort(new Error('enough'))
  expect((await running).report).toMatchObject({
    completed: false,
    exit: { reason: 'killed', message: 'it was cancelled' },
  })
  await expect(python('A', ``, { signal: controller.signal })).rejects.toThrow('enough')
})

test('a job that is cancelled while it is being started ends', async () => {
  const controller = new AbortController()
  const { report } = await python('B', `time.sleep(60)`, {
    signal: controller.signal,
    onDegraded: () => controller.abort(),
    limits: { wallMs: 5_000 },
  })
  expect(report).toMatchObject({ completed: false, exit: { reason: 'killed', message: 'it was cancelled' } })
})

test('a plugin that can no longer be watched is ended', async () => {
  let isBroken = false
  const timer: World['timer'] = async (ms, signal) => {
    if (!isBroken) return world.timer(ms, signal)
    isBroken = false
    throw new Error('the clock has stopped')
  }
  const plugin = await pluginWith('A', '', { world: { ...world, timer }, limits: { wallMs: 5_000 } })
  isBroken = true
  expect(await plugin.ended).toMatchObject({
    reason: 'killed',
    message: 'it could not be watched: the clock has stopped',
  })
})

test('a writable folder that is removed on the host does its plugin no harm', async () => {
  const source = temporaryFolder()
  let waits = 0
  const timer: World['timer'] = (ms, signal) => {
    waits += 1
    return world.timer(ms, signal)
  }
  const mounts = [{ source, target: '/data', readOnly: false }]
  const plugin = await pluginWith('A', `hello: () => 'hi'`, { mounts, world: { ...world, timer } })
  rmSync(source, { recursive: true })
  const before = waits
  await expect.poll(() => waits).toBeGreaterThan(before + 3)
  expect(await plugin.call('hello', null, options)).toBe('hi')
})

test('a plugin over a call deadline can still be ended', async () => {
  const plugin = await pluginWith('A', `spin: () => { for (;;); }`)
  expect(await codeOf(plugin.call('spin', null, { ...options, deadlineMs: 100 }))).toBe('CALL_TIMEOUT')
  expect(await plugin.stop()).toMatchObject({ reason: 'killed' })
})
