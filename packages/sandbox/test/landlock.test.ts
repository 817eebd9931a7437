import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { chooseLevel, explainJob, levelProbe, runJob, startPlugin } from '@tenon/sandbox'
import { asOrdinaryUser, canBeOrdinary, ORDINARY_USER, printedThrough } from './host-process.ts'
import { leftIn } from './left-in.ts'
import { codeOf, levelNamed, pluginFrom, pluginWith, seenInside, world } from './sandboxed.ts'

const options = { traceId: 't' }
const HOST = fileURLToPath(new URL('./one-plugin-host.ts', import.meta.url))

/** A folder with these programs of the machine and no others. */
function programs(...names: string[]): string {
  const bin = temporaryFolder()
  chmodSync(bin, 0o755)
  for (const name of names) symlinkSync(`/usr/bin/${name}`, join(bin, name))
  return bin
}

test('what was not granted can be neither read, written, listed, linked, moved nor executed', async () => {
  const folder = temporaryFolder()
  const canary = join(folder, 'canary')
  writeFileSync(canary, 'outside')
  const seen = await seenInside(
    'C',
    `canary, home = config['canary'], os.environ['HOME']
seen['read'] = attempt(lambda: open(canary).read())
seen['write'] = attempt(lambda: open(canary, 'w'))
seen['cut'] = attempt(lambda: os.truncate(canary, 0))
seen['make'] = attempt(lambda: open(canary + '2', 'w'))
seen['remove'] = attempt(lambda: os.remove(canary))
seen['list'] = attempt(lambda: os.listdir(os.path.dirname(canary)))
seen['link'] = attempt(lambda: os.link(canary, home + '/linked'))
os.symlink(canary, home + '/pointing')
seen['follow'] = attempt(lambda: open(home + '/pointing').read())
seen['move'] = attempt(lambda: os.rename(canary, home + '/moved'))
seen['run'] = attempt(lambda: os.execv('/bin/true', ['true']))
seen['kernel'] = attempt(lambda: open('/proc/sys/kernel/core_pattern', 'w'))
seen['processes'] = attempt(lambda: os.listdir('/proc'))
seen['dataset'] = attempt(lambda: open(dataset_dir / 'a.txt', 'a'))
seen['code'] = attempt(lambda: open(sys.path[0] + '/x', 'w'))
seen['guest'] = attempt(lambda: open(sys.argv[0], 'a'))
seen['kit'] = attempt(lambda: open(os.path.dirname(sys.argv[0]) + '/x', 'w'))
seen['own'] = [attempt(lambda: open(home + '/x', 'w').write('x')), attempt(lambda: open(out_dir / 'x', 'w').write('x'))]`,
    { config: { canary } },
  )
  const { own, ...tried } = seen as Record<string, unknown>
  expect(own).toEqual([
    ['ok', '1'],
    ['ok', '1'],
  ])
  for (const [name, outcome] of Object.entries(tried))
    expect([name, outcome]).toEqual([name, ['refused', expect.stringMatching(/^(EACCES|EXDEV)$/)]])
  expect(readdirSync(folder)).toEqual(['canary'])
})

test('a change of mode, owner or time succeeds and changes nothing, a set-id mode is refused', async () => {
  const canary = join(temporaryFolder(), 'canary')
  writeFileSync(canary, 'outside', { mode: 0o600 })
  const before = statSync(canary)
  const seen = await seenInside(
    'C',
    `canary = config['canary']
own = os.environ['HOME'] + '/own'
open(own, 'w').close()
def tried(path):
    return [
        attempt(lambda: os.chmod(path, 0o777))[0],
        attempt(lambda: os.chown(path, 0, 1))[0],
        attempt(lambda: os.utime(path, (0, 0)))[0],
        attempt(lambda: os.setxattr(path, 'user.x', b'x'))[1],
        attempt(lambda: os.chmod(path, 0o4755))[1],
    ]
import shutil
seen['canary'], seen['own'] = tried(canary), tried(own)
seen['mode'] = oct(os.stat(own).st_mode & 0o777)
seen['copied'] = attempt(lambda: shutil.copy2(own, own + '2'))[0]`,
    { config: { canary } },
  )
  const outcome = ['ok', 'ok', 'ok', 'ENOTSUP', 'EPERM']
  expect(seen).toEqual({ canary: outcome, own: outcome, mode: expect.not.stringContaining('777'), copied: 'ok' })
  const { mode, mtimeMs, gid } = statSync(canary)
  expect([mode, mtimeMs, gid]).toEqual([before.mode, before.mtimeMs, before.gid])
})

test('no other process of the user can be signalled, bounded, slowed or looked into', async () => {
  const victim = spawn('sleep', ['60'], { stdio: 'ignore' })
  onTestFinished(() => void victim.kill('SIGKILL'))
  await once(victim, 'spawn')
  const facts = (): string =>
    ['limits', 'oom_score_adj'].map((name) => readFileSync(`/proc/${victim.pid}/${name}`, 'utf8')).join()
  const before = facts()
  const seen = await seenInside(
    'C',
    `import resource
pid = config['pid']
seen['kill'] = attempt(lambda: os.kill(pid, 9))[1]
seen['all'] = attempt(lambda: os.kill(-1, 0))[0]
seen['parent'] = attempt(lambda: os.kill(os.getppid(), 9))[1]
seen['limit'] = attempt(lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0)))[1]
seen['slow'] = attempt(lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))[1]
seen['slowAll'] = attempt(lambda: os.setpriority(os.PRIO_USER, 0, 19))[1]
seen['pin'] = attempt(lambda: os.sched_setaffinity(pid, {0}))[1]
seen['look'] = [attempt(lambda: open(f'/proc/{pid}/{name}').read())[1] for name in ['environ', 'maps', 'cmdline', 'status']]
seen['own'] = [attempt(lambda: os.setpriority(os.PRIO_PROCESS, 0, 1))[0], attempt(lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))[0]]`,
    { config: { pid: victim.pid ?? 0 } },
  )
  expect(seen).toMatchObject({
    ...{ kill: 'EPERM', parent: 'EPERM', limit: 'EPERM', slow: 'EPERM', slowAll: 'EPERM', pin: 'EPERM' },
    look: ['EACCES', 'EACCES', 'EACCES', 'EACCES'],
    own: ['ok', 'ok'],
  })
  expect([victim.exitCode, victim.signalCode, facts()]).toEqual([null, null, before])
})

test('no socket can be made but a pair, and nothing that processes of a machine share', async () => {
  const server = createServer((socket) => socket.end()).listen(0)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const seen = await seenInside(
    'C',
    `libc = ctypes.CDLL(None, use_errno=True)
def raw(name, *arguments):
    ctypes.set_errno(0)
    return [getattr(libc, name)(*arguments), errno.errorcode.get(ctypes.get_errno(), '')]
seen['sockets'] = [attempt(lambda: socket.socket(family, socket.SOCK_STREAM))[1] for family in [1, 2, 10, 16, 17, 38, 40]]
seen['connect'] = attempt(lambda: socket.create_connection(('127.0.0.1', config['port'])))[1]
seen['pair'] = attempt(lambda: len(socket.socketpair()))
seen['shared'] = [raw('shmget', 1, 4096, 0o1600), raw('semget', 1, 1, 0o1600), raw('msgget', 1, 0o1600)]
seen['interfaces'] = attempt(lambda: open('/proc/self/net/dev').read())[1]
seen['watch'] = raw('inotify_add_watch', libc.inotify_init(), b'/', 0x100)`,
    { config: { port } },
  )
  expect(seen).toEqual({
    sockets: Array.from({ length: 7 }, () => 'EAFNOSUPPORT'),
    connect: 'EAFNOSUPPORT',
    pair: ['ok', '2'],
    shared: Array.from({ length: 3 }, () => [-1, 'EPERM']),
    interfaces: 'EACCES',
    watch: [-1, 'EPERM'],
  })
})

test('a program that lies below /tmp is run there', async () => {
  const program = join(temporaryFolder(), 'node')
  copyFileSync(process.execPath, program)
  const report = await runJob({
    ...{ world, level: await levelNamed('C'), mounts: [], workspace: undefined, limits: {}, env: {} },
    program: { words: [program, '-p', '6 * 7'] },
    stateDir: temporaryFolder(),
    onLog: () => {},
    onDegraded: () => {},
    onThrottled: () => {},
  })
  expect(report, report.logTail).toMatchObject({ completed: true, logTail: '42\n' })
})

test('arguments and variables arrive as they are, empty ones too', async () => {
  const report = await runJob({
    ...{
      world,
      level: await levelNamed('C'),
      mounts: [],
      workspace: undefined,
      limits: {},
      stateDir: temporaryFolder(),
    },
    env: { EMPTY: '' },
    program: {
      argv: ['python3', '-c', 'import os, sys; print(sys.argv[1:], repr(os.environ["EMPTY"]))', '', 'a b', ''],
    },
    onLog: () => {},
    onDegraded: () => {},
    onThrottled: () => {},
  })
  expect(report.logTail).toBe("['', 'a b', ''] ''\n")
})

test('capabilities, environment, descriptors and session are its own', async () => {
  const seen = await seenInside(
    'C',
    `status = open('/proc/self/status').read()
seen['capabilities'] = [line.split()[1] for line in status.split('\\n') if line.startswith(('CapInh', 'CapPrm', 'CapEff', 'CapAmb'))]
seen['fresh'] = [line.split()[1] for line in status.split('\\n') if line.startswith(('NoNewPrivs', 'Seccomp:'))]
seen['descriptors'] = [int(name) for name in os.listdir('/proc/self/fd') if int(name) > 3 and os.path.exists('/proc/self/fd/' + name)]
seen['env'] = sorted(os.environ)
seen['home'] = [os.environ['HOME'] == os.environ['TMPDIR'] == os.getcwd(), oct(os.stat(os.getcwd()).st_mode & 0o777)]
seen['session'] = os.getsid(0) == os.getpid()`,
    { env: { GRANTED: 'yes' } },
  )
  expect(seen).toEqual({
    capabilities: Array.from({ length: 4 }, () => '0000000000000000'),
    fresh: ['1', '2'],
    descriptors: [],
    env: ['GRANTED', 'HOME', 'LANG', 'OPENSSL_CONF', 'PATH', 'TMPDIR'],
    home: [true, '0o700'],
    session: true,
  })
  expect(hostname()).not.toBe('plugin')
})

test('a node plugin of bytes and one of a folder find the sdk, their mounts and their own folder', async () => {
  const data = temporaryFolder()
  writeFileSync(join(data, 'file'), 'text')
  const source = `import { definePlugin } from '@tenon/sdk'
import fs from 'node:fs'
export default definePlugin({ operations: {
  read: (path) => fs.readFileSync(path, 'utf8'),
  write: (path) => fs.writeFileSync(path, 'x'),
  own: () => { fs.writeFileSync(process.env.HOME + '/x', 'mine'); return fs.readFileSync(process.env.HOME + '/x', 'utf8') },
} })`
  const mounts = [{ source: data, target: data, readOnly: true }]
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'main.mjs'), source)
  const plugin = { id: 'sample', version: '1.0.0', kind: 'node' as const }
  for (const code of [{ bytes: Buffer.from(source) }, { folder, entry: 'main.mjs' }]) {
    const started = await pluginFrom('C', '', { mounts, plugin: { ...plugin, code } })
    expect(await started.call('read', join(data, 'file'), options)).toBe('text')
    expect(await started.call('own', null, options)).toBe('mine')
    await expect(started.call('write', join(data, 'other'), options)).rejects.toMatchObject({
      details: { pluginCode: 'ERR_ACCESS_DENIED' },
    })
  }
})

test('a writable workspace opens what is in it but its own files, and nothing can be put beside them', async () => {
  const workspace = join(temporaryFolder(), 'project')
  for (const name of ['.tenon/data', '.git/hooks', 'src']) mkdirSync(join(workspace, name), { recursive: true })
  for (const name of ['tenon.json', '.tenon/data/secret', '.git/config', 'src/a.ts'])
    writeFileSync(join(workspace, name), 'original')
  symlinkSync('/etc', join(workspace, 'etc'))
  const body = `at = os.environ['TENON_WORKSPACE']
inside = lambda name: at + '/' + name
seen['read'] = {name: attempt(lambda: open(inside(name)).read())[0] for name in ['tenon.json', '.git/config', 'src/a.ts', '.tenon/data/secret', 'etc/passwd']}
seen['write'] = {name: attempt(lambda: open(inside(name), 'a'))[0] for name in ['tenon.json', '.git/config', 'src/a.ts', 'src/b.ts', '.tenon/x', 'tenon.lock', 'policies']}
seen['move'] = [attempt(lambda: os.rename(inside(name), inside('src/moved')))[0] for name in ['tenon.json', '.git', '.tenon']]
seen['link'] = [attempt(lambda: os.link(inside(name), inside('src/linked')))[0] for name in ['tenon.json', '.git/config']]
seen['list'] = [attempt(lambda: os.listdir(path))[0] for path in [at, inside('.tenon'), inside('src')]]
seen['remove'] = attempt(lambda: os.rmdir(inside('src')))[0]`
  const mounted = (readOnly: boolean, source: string, target: string) =>
    seenInside('C', body, { mounts: [{ source, target, readOnly }], workspace })
  const writable = {
    read: {
      'tenon.json': 'ok',
      '.git/config': 'ok',
      'src/a.ts': 'ok',
      '.tenon/data/secret': 'refused',
      'etc/passwd': 'refused',
    },
    write: {
      ...{ 'tenon.json': 'refused', '.git/config': 'refused', 'src/a.ts': 'ok', 'src/b.ts': 'ok' },
      ...{ '.tenon/x': 'refused', 'tenon.lock': 'refused', policies: 'refused' },
    },
    move: ['refused', 'refused', 'refused'],
    link: ['refused', 'refused'],
    list: ['refused', 'refused', 'ok'],
    remove: 'refused',
  }
  expect(await mounted(false, workspace, '/workspace')).toEqual(writable)
  const readOnly = { ...writable.write, 'src/a.ts': 'refused', 'src/b.ts': 'refused' }
  expect(await mounted(true, workspace, '/workspace')).toEqual({ ...writable, write: readOnly })
  expect(readdirSync(workspace).toSorted()).toEqual(['.git', '.tenon', 'etc', 'src', 'tenon.json'])
})

test('what was granted to be read stays so inside what was granted to be written', async () => {
  const folder = temporaryFolder()
  for (const name of ['inner', 'other']) mkdirSync(join(folder, name))
  const seen = await seenInside(
    'C',
    `seen['inner'], seen['other'] = [attempt(lambda: open(config['folder'] + name + '/x', 'w'))[0] for name in ['/inner', '/other']]`,
    {
      config: { folder },
      mounts: [
        { source: folder, target: folder, readOnly: false },
        { source: join(folder, 'inner'), target: join(folder, 'inner'), readOnly: true },
      ],
    },
  )
  expect(seen).toEqual({ inner: 'refused', other: 'ok' })
})

test.runIf(canBeOrdinary)('an ordinary user without bubblewrap gets C (root, in a clone that all may read)', () => {
  const stateDir = temporaryFolder()
  chownSync(stateDir, ORDINARY_USER, ORDINARY_USER)
  const path = `PATH=${programs('perl', 'ldd')}`
  const printed = printedThrough([...asOrdinaryUser, 'env', path], [HOST, 'best', stateDir])
  expect(printed).toBe('running C: "hi"\noom\n')
  expect(leftIn(stateDir)).toEqual([])
})

test('a machine without bubblewrap offers C, and what it lacks is told with each start', async () => {
  const without = levelProbe(wallWorld({ env: { PATH: programs('perl', 'ldd') } }))
  expect(await chooseLevel(without, { required: [], signed: false })).toMatchObject({ level: 'C' })
  const said: string[] = []
  const plugin = await pluginWith('C', '', { onDegraded: (message) => void said.push(message) })
  expect(plugin.level).toBe('C')
  expect(said).toContainEqual(expect.stringContaining('user of the host'))
})

test('explaining tells the paths of the host, and makes nothing', async () => {
  const stateDir = temporaryFolder()
  const folder = temporaryFolder()
  const profile = await explainJob({
    ...{ world, level: await levelNamed('C'), workspace: undefined, limits: {}, env: {}, stateDir },
    program: { words: ['sh', '-c', 'true'] },
    mounts: [{ source: folder, target: '/workspace/docs', readOnly: true }],
  })
  expect(profile.shown).toContainEqual({ path: folder, of: folder, may: 'read' })
  expect(profile.env['HOME']).toContain(join(stateDir, 'rooms'))
  expect(leftIn(stateDir)).toEqual([])
})

test('a rule for what is no longer there starts nothing and says so', async () => {
  const folder = temporaryFolder()
  const stateDir = temporaryFolder()
  const started = startPlugin({
    ...{ world, level: await levelNamed('C'), limits: {}, workspace: undefined, env: {}, handlers: {}, stateDir },
    plugin: { id: 'x', version: '1.0.0', kind: 'node', code: { folder: join(folder, 'gone'), entry: 'x.mjs' } },
    mounts: [],
    onLog: () => {},
    onDegraded: () => {},
    onThrottled: () => {},
  })
  expect(await codeOf(started)).toBe('PLUGIN_START_FAILED')
  expect(leftIn(stateDir)).toEqual([])
})
