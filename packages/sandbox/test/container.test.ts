import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { World } from '@tenon/contract'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { levelProbe, runJob } from '@tenon/sandbox'
import { leftIn } from './left-in.ts'
import {
  codeOf,
  commandOf,
  hasEngine,
  levelNamed,
  pluginFrom,
  pluginWith,
  python,
  quietOrder,
  seenInside,
} from './sandboxed.ts'

const options = { traceId: 't' }

let made = 0

/** Its groups can be told from those of all other sandboxes of this process. */
const world: World = { ...wallWorld(), newId: () => `contained-${(made += 1)}` }

/** What a container of this world leaves in a state folder, among the processes and among the kernel's groups. */
function leftovers(stateDir: string): string[] {
  const pattern = `tenon-*-${process.pid}-*-contained-*`
  const groups = spawnSync('find', ['/sys/fs/cgroup', '-name', pattern], { encoding: 'utf8' }).stdout
  return [...leftIn(stateDir), ...groups.split('\n').filter(Boolean)]
}

/** A world that finds these programs of the machine and no others. */
const finding = (...names: string[]) => {
  const bin = temporaryFolder()
  for (const name of names) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${found} "$@"\n`, { mode: 0o755 })
  }
  return wallWorld({ env: { PATH: bin } })
}

test('a machine without an engine is told what to install', async () => {
  const report = await levelProbe(finding('perl', 'ldd'))('E')
  expect(report).toMatchObject({ available: false, hint: expect.stringContaining('podman') })
})

describe.runIf(hasEngine)('in a container (of podman, by root)', () => {
  test('nothing is left after a stop, a time out, a failed start and a refused one', async () => {
    const stateDir = temporaryFolder()
    const running = await pluginWith('E', `hello: () => 'hi'`, { world, stateDir })
    expect(leftovers(stateDir)).not.toEqual([])
    expect(await running.call('hello', null, options)).toBe('hi')
    expect(await running.stop()).toMatchObject({ reason: 'exit' })
    expect(leftovers(stateDir)).toEqual([])
    await python('E', `time.sleep(60)`, { world, stateDir, limits: { wallMs: 1_500 } })
    await codeOf(pluginFrom('E', `throw new Error('no')`, { world, stateDir }))
    await codeOf(
      pluginWith('E', '', { world, stateDir, mounts: [{ source: '/nowhere', target: '/nowhere', readOnly: true }] }),
    )
    expect(leftovers(stateDir)).toEqual([])
  })

  test('a value of the environment is in no command line, and not for other users to read', async () => {
    const stateDir = temporaryFolder()
    const running = await pluginWith('E', `own: () => process.env.OWN`, { stateDir, env: { OWN: 'k3pt = "dark"' } })
    expect(await running.call('own', null, options)).toBe('k3pt = "dark"')
    const commands = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes('k3pt'))
    expect(commands).toEqual([])
    const rooms = join(stateDir, 'rooms')
    const [room = ''] = readdirSync(rooms)
    const modes = spawnSync('stat', ['-c', '%a', join(rooms, room, 'env')], { encoding: 'utf8' }).stdout
    expect(modes).toBe('600\n')
  })

  test('variables of several lines are refused, all of them by name', async () => {
    const env = { ONE: 'a\nb', OTHER: 'c', THIRD: '\n' }
    await expect(pluginWith('E', '', { env })).rejects.toMatchObject({
      code: 'PLUGIN_START_FAILED',
      message: expect.stringContaining('(ONE, THIRD)'),
    })
  })

  test('folders are shown whose names hold what separates the words of an engine', async () => {
    const source = join(temporaryFolder(), 'a,b:ro "c"')
    mkdirSync(source)
    writeFileSync(join(source, 'in'), 'here')
    const seen = await seenInside('E', `seen['in'] = open('/a,b:ro "c"/in').read()`, {
      mounts: [{ source, target: '/a,b:ro "c"', readOnly: true }],
    })
    expect(seen).toEqual({ in: 'here' })
  })

  test('what the machine sets for its own containers is not in ours', async () => {
    const [folder, stateDir] = [temporaryFolder(), temporaryFolder()]
    const settings = join(folder, 'containers.conf')
    writeFileSync(settings, `[containers]\nvolumes = ["${folder}:/of-the-machine"]\nenv = ["OF_THE_MACHINE=1"]\n`)
    const of = wallWorld({ env: { ...process.env, CONTAINERS_CONF: settings } })
    const seen = await seenInside(
      'E',
      `seen['root'] = 'of-the-machine' in os.listdir('/')
seen['env'] = 'OF_THE_MACHINE' in os.environ`,
      { world: of, stateDir },
    )
    expect(seen).toEqual({ root: false, env: false })
  })

  test('a command reads its input and writes both outputs', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const report = await runJob({
      ...{ ...quietOrder, level: await levelNamed('E'), stateDir: temporaryFolder() },
      program: { argv: ['node', '-e', `console.log('out'); console.error('err'); process.exitCode = 7`] },
      streams: { stdin: 'inherit', stdout, stderr },
    })
    expect(report.exit).toMatchObject({ code: 7 })
    for (const stream of [stdout, stderr]) stream.end()
    expect([await text(stdout), await text(stderr)]).toEqual(['out\n', 'err\n'])
  })

  test('a script that lies below /tmp is run there', async () => {
    const script = join(temporaryFolder(), 'it.sh')
    writeFileSync(script, 'echo "here $0"', { mode: 0o755 })
    const report = await runJob({
      ...{ ...quietOrder, level: await levelNamed('E'), stateDir: temporaryFolder() },
      program: { words: ['sh', script] },
    })
    expect(report.logTail).toBe(`here ${script}\n`)
  })

  test('a script lies where it does outside, also where a room has something of its own by that name', async () => {
    const folder = mkdtempSync('/root/tn-')
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const script = join(folder, 'it.sh')
    writeFileSync(script, 'echo "here $0"')
    const { logTail } = await runJob({
      ...{ ...quietOrder, level: await levelNamed('E'), stateDir: temporaryFolder() },
      program: { words: ['sh', script] },
    })
    expect(logTail).toBe(`here ${script}\n`)
  })

  test('what lies below a folder that is kept from it is not copied there', async () => {
    const workspace = temporaryFolder()
    mkdirSync(join(workspace, '.tenon'))
    writeFileSync(join(workspace, '.tenon/secret'), 'secret')
    const seen = await seenInside('E', `seen['kept'] = os.listdir('/workspace/.tenon')`, {
      mounts: [{ source: workspace, target: '/workspace', readOnly: true }],
      workspace,
    })
    expect(seen).toEqual({ kept: [] })
    expect(readFileSync(join(workspace, '.tenon/secret'), 'utf8')).toBe('secret')
  })
})
