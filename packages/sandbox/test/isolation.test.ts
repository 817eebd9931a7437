import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { OWN_ROOT, pluginWith, python, seenInside } from './sandboxed.ts'

async function listening(at: string | number): Promise<number> {
  const server = createServer((socket) => socket.end())
  server.listen(at)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe.each(OWN_ROOT)('on level %s', (level) => {
  /** An engine runs it as root without capabilities, in a /dev of its own that it may fill, and puts an empty /sys there. */
  const inEngine = level === 'E'

  test('nothing of the host is there to read', async () => {
    const canary = join(temporaryFolder(), 'canary')
    writeFileSync(canary, 'outside')
    const seen = await seenInside(
      level,
      `seen['canary'] = attempt(lambda: open(config['canary']).read())
for path in ['/etc/passwd', '/root', '/home', '/usr', '/proc/1/root/etc/passwd', '/bin/sh']:
    seen[path] = attempt(lambda: os.stat(path))[0]
seen['sys'] = attempt(lambda: os.listdir('/sys'))
seen['root'] = sorted(set(os.listdir('/')) - {'etc', 'sys'})
seen['etc'] = attempt(lambda: os.listdir('/etc'))`,
      { config: { canary } },
    )
    expect(seen).toEqual({
      canary: ['refused', 'ENOENT'],
      '/etc/passwd': 'refused',
      '/root': 'refused',
      '/home': 'refused',
      '/usr': 'refused',
      '/proc/1/root/etc/passwd': 'refused',
      '/bin/sh': 'refused',
      sys: inEngine ? ['ok', '[]'] : ['refused', 'ENOENT'],
      etc: inEngine ? ['ok', "['hostname', 'mtab']"] : ['refused', 'ENOENT'],
      root: expect.not.arrayContaining(['usr', 'home', 'root', 'var']),
    })
  })

  test('nothing outside the granted folders can be written', async () => {
    const seen = await seenInside(
      level,
      `for path in ['/x', '/lib/x', '/python/x', '/plugin/0/x', '/tenon/x', '/dev/x', '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/dataset/x', '/dataset/a.txt']:
    seen[path] = attempt(lambda: open(path, 'w'))[0]
seen['core'] = attempt(lambda: open('/proc/sys/kernel/core_pattern', 'w'))
seen['dataset'] = (dataset_dir / 'a.txt').read_text()
seen['tmp'] = attempt(lambda: open('/tmp/x', 'w').write('x'))
seen['out'] = attempt(lambda: open('/out/x', 'w').write('x'))`,
    )
    expect(seen).toEqual({
      ...Object.fromEntries(
        [
          '/x',
          '/lib/x',
          '/python/x',
          '/plugin/0/x',
          '/tenon/x',
          '/dev/x',
          '/proc/sys/kernel/core_pattern',
          '/proc/sysrq-trigger',
          '/dataset/x',
          '/dataset/a.txt',
        ].map((path) => [path, 'refused']),
      ),
      ...(inEngine ? { '/dev/x': 'ok' } : {}),
      core: ['refused', 'EROFS'],
      dataset: 'hello',
      tmp: ['ok', '1'],
      out: ['ok', '1'],
    })
  })

  test('no network can be reached, by any family of sockets', async () => {
    const port = await listening(0)
    await listening(`\0tenon-test-${process.pid}-${level}`)
    const seen = await seenInside(
      level,
      `seen['tcp'] = attempt(lambda: socket.create_connection(('127.0.0.1', config['port']), 2))
seen['outside'] = attempt(lambda: socket.create_connection(('192.0.2.1', 80), 2))
seen['udp'] = attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53)))
seen['abstract'] = attempt(lambda: socket.socket(socket.AF_UNIX).connect(config['abstract']))
seen['vsock'] = attempt(lambda: socket.socket(40, socket.SOCK_STREAM))
seen['netlink'] = attempt(lambda: socket.socket(16, socket.SOCK_RAW))
seen['packet'] = attempt(lambda: socket.socket(17, socket.SOCK_RAW))
seen['alg'] = attempt(lambda: socket.socket(38, socket.SOCK_SEQPACKET))
seen['pair'] = attempt(lambda: len(socket.socketpair()))
seen['interfaces'] = [line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line]`,
      { config: { port, abstract: `\0tenon-test-${process.pid}-${level}` } },
    )
    expect(seen).toEqual({
      tcp: ['refused', 'ECONNREFUSED'],
      outside: ['refused', 'ENETUNREACH'],
      udp: ['refused', 'ENETUNREACH'],
      abstract: ['refused', 'ECONNREFUSED'],
      vsock: ['refused', 'EAFNOSUPPORT'],
      netlink: ['refused', 'EAFNOSUPPORT'],
      packet: ['refused', 'EAFNOSUPPORT'],
      alg: ['refused', 'EAFNOSUPPORT'],
      pair: ['ok', '2'],
      interfaces: ['lo'],
    })
  })

  test('user, name, environment, descriptors and processes are the sandbox own', async () => {
    const seen = await seenInside(
      level,
      `seen['ids'] = [os.getuid(), os.getgid(), [group for group in os.getgroups() if group != 65534]]
seen['host'] = os.uname().nodename
seen['env'] = dict(os.environ)
seen['descriptors'] = [int(name) for name in os.listdir('/proc/self/fd') if int(name) > 3 and os.path.exists('/proc/self/fd/' + name)]
seen['processes'] = len([name for name in os.listdir('/proc') if name.isdigit()])
status = open('/proc/self/status').read()
seen['capabilities'] = [line.split()[1] for line in status.split('\\n') if line.startswith('Cap')]
seen['fresh'] = [line.split()[1] for line in status.split('\\n') if line.startswith(('NoNewPrivs', 'Seccomp:'))]`,
      { env: { GRANTED: 'yes' } },
    )
    expect(seen).toEqual({
      ids: inEngine ? [0, 0, [0]] : [65_534, 65_534, []],
      host: 'plugin',
      env: {
        PATH: '/bin',
        HOME: '/tmp',
        TMPDIR: '/tmp',
        LANG: 'C.UTF-8',
        GRANTED: 'yes',
        ...(inEngine ? { HOSTNAME: 'plugin' } : { PWD: '/tmp' }),
      },
      descriptors: [],
      processes: 2,
      capabilities: Array.from({ length: 5 }, () => '0000000000000000'),
      fresh: ['1', '2'],
    })
    expect(hostname()).not.toBe('plugin')
  })

  test('the filter refuses calls that reach the kernel, and set-id files', async () => {
    const seen = await seenInside(
      level,
      `libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    ctypes.set_errno(0)
    return [getattr(libc, name)(*arguments), errno.errorcode.get(ctypes.get_errno(), '')]
def raw(number, *arguments):
    ctypes.set_errno(0)
    return [libc.syscall(number, *arguments), errno.errorcode.get(ctypes.get_errno(), '')]
seen['unshare'] = call('unshare', 0x10000000)
seen['mount'] = call('mount', b'none', b'/tmp', b'tmpfs', 0, None)
seen['ptrace'] = call('ptrace', 0, 0, 0, 0)
seen['personality'] = call('personality', 0xffffffff)
seen['io_uring'] = raw(425, 1, None)
seen['clone3'] = raw(435, None, 0)
seen['clone'] = raw(56 if os.uname().machine == 'x86_64' else 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
if seen['clone'][0] == 0: os._exit(0)
seen['openat2'] = raw(437, 0, None, None, 0)
seen['later'] = raw(600)
seen['sticky'] = raw(16, 0, 0x5412, b'x') if os.uname().machine == 'x86_64' else raw(29, 0, 0x5412, b'x')
open('/out/f', 'w').close()
seen['chmod'] = attempt(lambda: os.chmod('/out/f', 0o4755))
seen['create'] = attempt(lambda: os.open('/out/g', os.O_CREAT | os.O_WRONLY, 0o2755))
seen['mknod'] = attempt(lambda: os.mknod('/out/h', 0o106755))
seen['plain'] = attempt(lambda: os.chmod('/out/f', 0o755))
seen['fork'] = os.waitstatus_to_exitcode(os.waitpid(os.fork() or os._exit(7), 0)[1])`,
    )
    const refused = [-1, 'EPERM']
    expect(seen).toEqual({
      unshare: refused,
      mount: refused,
      ptrace: refused,
      personality: refused,
      io_uring: refused,
      clone3: [-1, 'ENOSYS'],
      clone: refused,
      openat2: [-1, 'ENOSYS'],
      later: [-1, 'ENOSYS'],
      sticky: refused,
      chmod: ['refused', 'EPERM'],
      create: ['refused', 'EPERM'],
      mknod: ['refused', 'EPERM'],
      plain: ['ok', 'None'],
      fork: 7,
    })
  })

  test('a call by another convention of the machine ends the process', async () => {
    if (process.arch !== 'x64') return
    const { report } = await python(level, `ctypes.CDLL(None).syscall(0x40000000 + 39)`)
    expect(report.exit).toMatchObject({ reason: 'crash', signal: 'SIGSYS' })
  })
})

test('Node inside can neither read, start programs, nor make code from text', async () => {
  const plugin = await pluginWith(
    'A',
    `run: async () => {
       const refusal = async (work) => { try { await work(); return 'no refusal' } catch (error) { return error.code ?? error.name } }
       return [
         await refusal(() => fs.readFileSync('/etc/passwd')),
         await refusal(() => fs.readdirSync('/proc')),
         await refusal(async () => (await import('node:child_process')).spawnSync('/bin/node')),
         await refusal(async () => new (await import('node:worker_threads')).Worker('1', { eval: true })),
         await refusal(() => eval('1')),
         await refusal(() => ({}).__proto__),
         fs.writeFileSync('/tmp/x', 'x') ?? fs.readFileSync('/tmp/x', 'utf8'),
       ]
     }`,
  )
  expect(await plugin.call('run', null, { traceId: 't' })).toEqual([
    ...Array.from({ length: 4 }, () => 'ERR_ACCESS_DENIED'),
    'EvalError',
    'ERR_PROTO_ACCESS',
    'x',
  ])
})

test('every way of the language to make code from text is refused, and functions are what they were', async () => {
  const plugin = await pluginWith(
    'A',
    `refused: () => {
       const kinds = [() => {}, async () => {}, function* () {}, async function* () {}]
       const makers = [Function, ...kinds.flatMap(({ constructor }) => [constructor, Object.getPrototypeOf(constructor)])]
       const ways = makers
         .filter((make) => make !== Function.prototype)
         .flatMap((make) => [() => make('1'), () => make.call(null, '1'), () => Reflect.construct(make, ['1']), () => new (class extends make {})('1')])
       const all = [...ways, () => eval('1'), () => globalThis.eval('1'), () => Reflect.apply(eval, null, ['1'])]
       return all.map((way) => { try { way(); return 'made' } catch ({ name }) { return name } })
     },
     same: () => {
       const kinds = [() => {}, async () => {}, function* () {}, async function* () {}]
       return [(() => {}).constructor === Function && kinds.every((kind) => kind instanceof Function && kind instanceof kind.constructor), ...kinds.map(({ constructor }) => constructor.name)]
     }`,
  )
  expect(new Set((await plugin.call('refused', null, { traceId: 't' })) as string[])).toEqual(new Set(['EvalError']))
  expect(await plugin.call('same', null, { traceId: 't' })).toEqual([
    true,
    ...['Function', 'AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction'],
  ])
})

test('node:sqlite, which Node does not fence, finds nothing outside either', async () => {
  const canary = join(temporaryFolder(), 'canary.db')
  writeFileSync(canary, '')
  const plugin = await pluginWith(
    'A',
    `open: async (path) => { const { DatabaseSync } = await import('node:sqlite'); new DatabaseSync(path); return 'opened' }`,
  )
  await expect(plugin.call('open', canary, { traceId: 't' })).rejects.toMatchObject({
    message: expect.stringContaining('unable to open'),
  })
})

test('the standard library of Python works inside, and what was installed beside it is not there', async () => {
  const seen = await seenInside(
    'A',
    `import multiprocessing, sqlite3, ssl, hashlib, zlib, decimal
with multiprocessing.get_context('fork').Pool(2) as pool:
    seen['pool'] = pool.map(abs, [-1, -2])
seen['sqlite'] = sqlite3.connect(':memory:').execute('select 1').fetchone()[0]
seen['path'] = [entry for entry in sys.path if 'packages' in entry]
seen['installed'] = [name for name in os.listdir(os.path.dirname(os.__file__)) if name.endswith('-packages') and os.listdir(os.path.join(os.path.dirname(os.__file__), name))]`,
  )
  expect(seen).toEqual({ pool: [1, 2], sqlite: 1, path: [], installed: [] })
})

test.each(['/proc', '/plugin/x', 'relative', '/a/../b', '/a/', '/'])('nothing is shown at %s', async (target) => {
  const mounts = [{ source: temporaryFolder(), target, readOnly: true }]
  await expect(pluginWith('A', '', { mounts })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
})

test('a granted folder that is not there is named', async () => {
  const mounts = [{ source: '/nowhere', target: '/data', readOnly: true }]
  await expect(pluginWith('A', '', { mounts })).rejects.toMatchObject({
    code: 'PLUGIN_START_FAILED',
    message: expect.stringContaining('/nowhere'),
  })
})

test('a granted file and nested folders are shown at their places', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'inner'))
  writeFileSync(join(folder, 'inner', 'file'), 'text')
  const mounts = [
    { source: join(folder, 'inner', 'file'), target: '/etc/hosts', readOnly: true },
    { source: join(folder, 'inner'), target: '/data/inner', readOnly: true },
    { source: folder, target: '/data', readOnly: false },
  ]
  const body = `seen['file'] = open('/etc/hosts').read(); seen['inner'] = attempt(lambda: open('/data/inner/x', 'w'))[1]; open('/data/x', 'w').close()`
  expect(await seenInside('A', body, { mounts })).toEqual({ file: 'text', inner: 'EROFS' })
  const plugin = await pluginWith(
    'A',
    `read: () => fs.readFileSync('/data/inner/file', 'utf8'), write: () => fs.writeFileSync('/data/y', '')`,
    { mounts },
  )
  expect(await plugin.call('read', null, { traceId: 't' })).toBe('text')
  await plugin.call('write', null, { traceId: 't' })
  expect(readdirSync(folder)).toEqual(['inner', 'x', 'y'])
})
