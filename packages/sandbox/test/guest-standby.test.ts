import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { probeLevels, standbyOf, type PluginOrder, type PluginProcess } from '@tenon/sandbox'
import { temporaryFolder } from '@tenon/testkit'
import { groupsThere, guestsIn, inGroups, marking } from './marked-groups.ts'
import { codeOf, commandOf, isRoot, pluginWith } from './sandboxed.ts'

const options = { traceId: 't' }
const HOST = fileURLToPath(new URL('./standby-host.ts', import.meta.url))
const SAMPLE = { id: 'sample', version: '1.0.0', kind: 'node' } as const
const ACT = `name: (name) => process.title = name, say: (text) => { console.log(text) }, eat: () => { const held = []; for (;;) held.push(Buffer.alloc(1_048_576, 1)) }`

type Changes = Partial<Omit<PluginOrder, 'level'>>

/** A host with a folder of its own, and the host's ids of the guests that it has. */
function hostOfTest(mark: string) {
  const world = marking(mark)
  const standby = standbyOf(world)
  onTestFinished(() => standby.release())
  const host = { world, standby, stateDir: temporaryFolder() }
  /** Those that run what nobody has named yet. */
  const guests = (): string[] => guestsIn(mark)
  const start = (changes: Changes = {}) => pluginWith('A', ACT, { ...host, ...changes })
  /** Of the only one. */
  const waiting = async (): Promise<string> => {
    await expect.poll(guests).toHaveLength(1)
    return guests()[0] ?? ''
  }
  /** Starts a plugin and stops it: then a guest waits that is contained as it was. */
  const prepared = async (changes: Changes = {}): Promise<string> => {
    await (await start(changes)).stop()
    return waiting()
  }
  /** The host's id of a plugin's process, which bears its title from then on. */
  const pidOf = async (plugin: PluginProcess): Promise<string> => {
    const title = `plugin-${(named += 1)}`
    await plugin.call('name', title, options)
    return inGroups(mark).find((pid) => commandOf(pid).startsWith(title)) ?? ''
  }
  return { host, standby, guests, start, waiting, prepared, pidOf }
}

let named = 0

/** What the kernel says of a process that holds it in: by this two of them are contained alike or not. */
function bondsOf(pid: string) {
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  const status = [...read('status').matchAll(/^(Cap\w+|NoNewPrivs|Seccomp\w*|Groups):.*$/gm)].map(([line]) => line)
  const mounts = read('mountinfo')
    .replaceAll(/^\d+ \d+ \d+:\d+ /gm, '')
    .replaceAll(/uid=\d+,gid=\d+/g, 'its own')
  const spaces = readdirSync(`/proc/${pid}/ns`).filter(
    (name) => readlinkSync(`/proc/${pid}/ns/${name}`) !== readlinkSync(`/proc/self/ns/${name}`),
  )
  const bounds = readFileSync(`/sys/fs/cgroup/pids${groupOf(read('cgroup'))}/pids.max`, 'utf8')
  return { status, mounts, spaces, bounds, limits: read('limits'), environ: read('environ'), cmdline: read('cmdline') }
}

const groupOf = (groups: string): string => /^\d+:(?:\S*,)?pids(?:,\S*)?:(.*)$/m.exec(groups)?.[1] ?? ''

describe.runIf(isRoot)('a guest that waits', () => {
  test('gets the next plugin, and is contained and bounded as one that is made for it', async () => {
    const { start, waiting, prepared, pidOf } = hostOfTest('guest-next')
    const limits = { memoryMb: 128 }
    const first = await start({ limits, standby: undefined })
    const made = bondsOf(await waiting())
    await first.stop()
    const guest = await prepared({ limits })
    expect(bondsOf(guest)).toEqual(made)
    const plugin = await start({ limits })
    expect(await pidOf(plugin)).toBe(guest)
    expect(await codeOf(plugin.call('eat', null, options))).toBe('PLUGIN_CRASHED')
    expect((await plugin.ended).reason).toBe('oom')
  })

  test('tells what its plugin prints, and counts time, for the plugin alone', async () => {
    const { start, prepared } = hostOfTest('guest-counts')
    const printed: string[] = []
    await prepared({ onLog: (_stream, text) => void printed.push(`not here: ${text}`) })
    const begun = performance.now()
    const plugin = await start({ onLog: (_stream, text) => void printed.push(text) })
    await plugin.call('say', 'heard', options)
    await expect.poll(() => printed.join('')).toBe('heard\n')
    expect(plugin.usage().wallMs).toBeLessThanOrEqual(Math.ceil(performance.now() - begun))
  })

  test('is followed by another once its plugin is there, also where two start together', async () => {
    const { guests, start, prepared, waiting, pidOf } = hostOfTest('guest-again')
    const first = await prepared()
    const plugins = await Promise.all([start(), start()])
    const pids = await Promise.all(plugins.map(pidOf))
    expect(pids).toContain(first)
    await expect.poll(guests).toHaveLength(1)
    await Promise.all(plugins.map((plugin) => plugin.stop()))
    expect(pids).not.toContain(await waiting())
  })

  test.each<[string, () => Changes]>([
    ['files of the host', () => ({ mounts: [{ source: temporaryFolder(), target: '/data', readOnly: true }] })],
    ['its code in a folder', () => ({ plugin: { ...SAMPLE, code: codeInFolder() } })],
    ['a way out', () => ({ egress: socketOfTest() })],
    ['variables', () => ({ env: { GRANTED: 'yes' } })],
  ])('waits on while a plugin with %s is started', async (_, changes) => {
    const { guests, start, prepared, pidOf } = hostOfTest('guest-particular')
    const guest = await prepared()
    expect(await pidOf(await start(changes()))).not.toBe(guest)
    expect(guests()).toEqual([guest])
  })

  test('gives way to one with other bounds when two plugins in a row have these', async () => {
    const changes = { limits: { cpu: 0.5 } }
    const { start, prepared, waiting, pidOf } = hostOfTest('guest-unlike')
    const guest = await prepared()
    expect(await pidOf(await start(changes))).not.toBe(guest)
    expect(await waiting()).toBe(guest)
    expect(await pidOf(await start())).toBe(guest)
    const left = await waiting()
    for (const _ of [1, 2]) expect(await pidOf(await start(changes))).not.toBe(guest)
    await expect.poll(waiting).not.toBe(left)
    const next = await waiting()
    expect(await pidOf(await start(changes))).toBe(next)
  })

  test('is there for level A alone', async () => {
    const { guests, prepared, host } = hostOfTest('guest-levels')
    const guest = await prepared()
    for (const level of ['B', 'C'] as const) await pluginWith(level, ACT, host)
    expect(guests()).toEqual([guest])
  })
})

describe.runIf(isRoot)('a guest that waited in vain', () => {
  test('is not taken when it has ended', async () => {
    const { start, prepared } = hostOfTest('guest-ended')
    const guest = await prepared()
    const monitor = parentOf(parentOf(guest))
    process.kill(Number(guest), 'SIGKILL')
    await expect.poll(() => existsSync(`/proc/${monitor}`)).toBe(false)
    expect(await (await start()).call('name', 'there', options)).toBe('there')
  })

  test('is gone when it is released, and none comes after it', async () => {
    const { guests, standby, start, prepared } = hostOfTest('guest-released')
    await prepared()
    await standby.release()
    expect([guests(), groupsThere('guest-released')]).toEqual([[], []])
    await (await start()).stop()
    expect([guests(), groupsThere('guest-released')]).toEqual([[], []])
  })

  test('ends when its host is killed', async () => {
    const mark = `guest-killed-${process.pid}`
    const host = spawn(process.execPath, [HOST, mark, temporaryFolder()], { env: { PATH: process.env['PATH'] } })
    await expect.poll(() => guestsIn(mark)).toHaveLength(1)
    host.kill('SIGKILL')
    await once(host, 'close')
    await expect.poll(() => guestsIn(mark)).toEqual([])
    await probeLevels(marking(mark))
    expect(groupsThere(mark)).toEqual([])
  })
})

const parentOf = (pid: string): string => /^PPid:\s(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''

/** A host's socket that nobody comes to. */
function socketOfTest(): string {
  const path = join(temporaryFolder(), 'out.sock')
  const server = createServer().listen(path)
  onTestFinished(() => void server.close())
  return path
}

function codeInFolder() {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'entry.mjs'), `export default { operations: { ${ACT} } }`)
  return { folder, entry: 'entry.mjs' }
}
