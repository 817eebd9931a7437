import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { asOrdinaryUser, canBeOrdinary, ORDINARY_USER, printedThrough } from './host-process.ts'
import { isRoot, OWN_ROOT, pluginWith, seenInside } from './sandboxed.ts'

const options = { traceId: 't' }
const FILES = ['tenon.json', 'tenon.lock']
const FOLDERS = ['.git', '.ledger', '.skill-map', 'ids', 'policies']

function workspaceIn(parent: string): string {
  const workspace = join(parent, 'project')
  mkdirSync(join(workspace, '.tenon', 'data'), { recursive: true, mode: 0o700 })
  writeFileSync(join(workspace, '.tenon', 'data', 'secret'), 'secret')
  for (const name of FILES) writeFileSync(join(workspace, name), '{}', { mode: 0o600 })
  for (const name of FOLDERS) {
    mkdirSync(join(workspace, name, 'hooks'), { recursive: true })
    writeFileSync(join(workspace, name, 'config'), 'original')
  }
  mkdirSync(join(workspace, 'src'))
  writeFileSync(join(workspace, 'src', 'a.ts'), 'a')
  return workspace
}

/** Everything that may be tried on a protected path; `there` is the mount that holds it. */
const TRY_ALL = `def tries(there, name):
    path = there + '/' + name
    inner = path + '/config' if os.path.isdir(path) else path
    return [
        attempt(lambda: open(inner, 'a').write('x'))[0],
        attempt(lambda: open(path + '/hooks/new', 'w'))[0],
        attempt(lambda: os.remove(path))[0],
        attempt(lambda: os.rmdir(path))[0],
        attempt(lambda: os.rename(path, there + '/moved'))[0],
        attempt(lambda: os.rename(inner, there + '/moved'))[0],
        attempt(lambda: os.link(inner, there + '/linked'))[0],
        attempt(lambda: (open(there + '/other', 'w').close(), os.rename(there + '/other', path)))[0],
        attempt(lambda: os.symlink('/out', path))[0],
        attempt(lambda: os.mkdir(path))[0],
        attempt(lambda: os.chmod(inner, 0o777))[0],
        attempt(lambda: os.truncate(inner, 0))[0],
    ]
`
const REFUSED = Array.from({ length: 12 }, () => 'refused')

describe.each(OWN_ROOT)('on level %s', (level) => {
  test('a writable workspace opens everything but its own files', async () => {
    const workspace = workspaceIn(temporaryFolder())
    const seen = await seenInside(
      level,
      `${TRY_ALL}
seen['tries'] = {name: tries('/workspace', name) for name in config['names']}
seen['read'] = open('/workspace/.git/config').read()
seen['hidden'] = os.listdir('/workspace/.tenon')
seen['hiddenWrite'] = attempt(lambda: open('/workspace/.tenon/x', 'w'))[0]
seen['hiddenMove'] = attempt(lambda: os.rename('/workspace/.tenon', '/workspace/x'))[0]
open('/workspace/new.md', 'w').write('new')
open('/workspace/src/a.ts', 'w').write('changed')
os.rename('/workspace/src', '/workspace/source')`,
      {
        mounts: [{ source: workspace, target: '/workspace', readOnly: false }],
        workspace,
        config: { names: [...FILES, ...FOLDERS] },
      },
    )
    expect(seen).toEqual({
      tries: Object.fromEntries([...FILES, ...FOLDERS].map((name) => [name, REFUSED])),
      read: 'original',
      hidden: [],
      hiddenWrite: 'refused',
      hiddenMove: 'refused',
    })
    expect(readdirSync(workspace)).toEqual([
      '.git',
      '.ledger',
      '.skill-map',
      '.tenon',
      'ids',
      'new.md',
      'other',
      'policies',
      'source',
      'tenon.json',
      'tenon.lock',
    ])
    expect(readFileSync(join(workspace, 'source', 'a.ts'), 'utf8')).toBe('changed')
    expect(statSync(join(workspace, 'new.md')).uid).toBe(statSync(workspace).uid)
    for (const name of FOLDERS) expect(readFileSync(join(workspace, name, 'config'), 'utf8')).toBe('original')
  })

  test('what is absent cannot be made, and nothing stays of what stood for it', async () => {
    const workspace = temporaryFolder()
    const seen = await seenInside(
      level,
      `${TRY_ALL}
seen['tries'] = {name: tries('/workspace', name) for name in config['names']}
seen['hooks'] = attempt(lambda: os.makedirs('/workspace/.git/hooks'))[0]
seen['hidden'] = attempt(lambda: os.mkdir('/workspace/.tenon/data'))[0]
os.remove('/workspace/other')`,
      {
        mounts: [{ source: workspace, target: '/workspace', readOnly: false }],
        workspace,
        config: { names: [...FILES, ...FOLDERS] },
      },
    )
    expect(seen).toEqual({
      tries: Object.fromEntries([...FILES, ...FOLDERS].map((name) => [name, REFUSED])),
      hooks: 'refused',
      hidden: 'refused',
    })
    expect(readdirSync(workspace)).toEqual([])
  })

  test('no folder above the workspace can be swapped', async () => {
    const parent = temporaryFolder()
    mkdirSync(join(parent, 'deep'))
    const workspace = workspaceIn(join(parent, 'deep'))
    const seen = await seenInside(
      level,
      `seen['swap'] = [attempt(lambda: os.rename('/home/deep' + rest, '/home/x'))[0] for rest in ['', '/project', '/project/.git']]
seen['write'] = attempt(lambda: open('/home/deep/project/tenon.json', 'w'))[0]
seen['hidden'] = os.listdir('/home/deep/project/.tenon')
seen['free'] = attempt(lambda: open('/home/deep/project/free', 'w').write('x'))`,
      { mounts: [{ source: parent, target: '/home', readOnly: false }], workspace },
    )
    expect(seen).toEqual({ swap: ['refused', 'refused', 'refused'], write: 'refused', hidden: [], free: ['ok', '1'] })
  })
})

test('a protected folder that is itself granted is read-only', async () => {
  const workspace = workspaceIn(temporaryFolder())
  const seen = await seenInside(
    'A',
    `seen['write'] = attempt(lambda: open('/hooks/x', 'w')); seen['list'] = os.listdir('/hooks')`,
    {
      mounts: [{ source: join(workspace, '.git', 'hooks'), target: '/hooks', readOnly: false }],
      workspace,
    },
  )
  expect(seen).toEqual({ write: ['refused', 'EROFS'], list: [] })
})

test.each([
  ['what belongs to Tenon', (workspace: string) => [join(workspace, '.tenon', 'data'), 'belongs to Tenon'] as const],
  [
    'a workspace with a symbolic link for a protected folder',
    (workspace: string) => {
      renameSync(join(workspace, 'ids'), join(workspace, 'real'))
      symlinkSync('real', join(workspace, 'ids'))
      return [workspace, 'symbolic link'] as const
    },
  ],
])('%s is not granted at all', async (_, prepare) => {
  const workspace = workspaceIn(temporaryFolder())
  const [source, why] = prepare(workspace)
  rmSync(join(workspace, 'tenon.lock'))
  await expect(
    pluginWith('A', '', { mounts: [{ source, target: '/granted', readOnly: false }], workspace }),
  ).rejects.toMatchObject({ code: 'PERMISSION_DENIED', message: expect.stringContaining(why) })
  expect(existsSync(join(workspace, 'tenon.lock'))).toBe(false)
})

test('a read-only workspace hides what belongs to Tenon', async () => {
  const workspace = workspaceIn(temporaryFolder())
  const mounts = [{ source: workspace, target: '/workspace', readOnly: true }]
  const body = `seen['tenon'] = os.listdir('/workspace/.tenon'); seen['git'] = open('/workspace/.git/config').read()`
  expect(await seenInside('A', body, { mounts, workspace })).toEqual({ tenon: [], git: 'original' })
  const outside = temporaryFolder()
  const elsewhere = [{ source: outside, target: '/elsewhere', readOnly: false }]
  expect(
    await seenInside('A', `seen['free'] = attempt(lambda: os.mkdir('/elsewhere/.git'))[0]`, {
      mounts: elsewhere,
      workspace,
    }),
  ).toEqual({ free: 'ok' })
})

const HOST = fileURLToPath(new URL('./one-plugin-host.ts', import.meta.url))

/** What the plugin of an ordinary user sees of a workspace, and of its `.tenon`, when it may read the whole machine. */
function seenByOrdinary(workspace: string): string {
  const stateDir = temporaryFolder()
  chmodSync(stateDir, 0o777)
  return printedThrough(asOrdinaryUser, [HOST, 'best', stateDir, workspace])
}

test.runIf(canBeOrdinary)('a workspace hides what belongs to Tenon even where the whole machine is granted', () => {
  const workspace = temporaryFolder()
  mkdirSync(join(workspace, '.tenon'))
  writeFileSync(join(workspace, '.tenon', 'secret'), 'secret')
  writeFileSync(join(workspace, 'a.txt'), 'a')
  chownSync(workspace, ORDINARY_USER, ORDINARY_USER)
  expect(seenByOrdinary(workspace)).toContain('sees [".tenon","a.txt"] and []')
})

test.runIf(canBeOrdinary)('a workspace in which its reader can make nothing is shown without a placeholder', () => {
  const workspace = temporaryFolder()
  writeFileSync(join(workspace, 'a.txt'), 'a')
  chmodSync(workspace, 0o755)
  expect(seenByOrdinary(workspace)).toContain('sees ["a.txt"] and ENOENT')
})

test.runIf(isRoot)('a workspace in which nothing can be made is not granted to be written', async () => {
  const workspace = temporaryFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', workspace])
  onTestFinished(() => void execFileSync('umount', [workspace]))
  const mounts = [{ source: workspace, target: '/workspace', readOnly: false }]
  await expect(pluginWith('A', '', { mounts, workspace })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
    message: expect.stringContaining(`${workspace} cannot be protected`),
  })
})

test('plugins that share a workspace share what stands for absent names, until the last has ended', async () => {
  const workspace = temporaryFolder()
  const given = {
    mounts: [{ source: workspace, target: '/workspace', readOnly: false }],
    workspace,
    stateDir: temporaryFolder(),
  }
  const write = `write: () => fs.writeFileSync('/workspace/.git/config', '')`
  const [first, second] = await Promise.all([pluginWith('A', write, given), pluginWith('A', write, given)])
  expect(existsSync(join(workspace, '.git'))).toBe(true)
  await first.stop()
  await expect(second.call('write', null, options)).rejects.toMatchObject({ details: { pluginCode: 'EROFS' } })
  expect(await second.stop()).toMatchObject({ reason: 'exit' })
  expect(readdirSync(workspace)).toEqual([])
})

test('a protected file that is replaced on the host takes its protection away, so the plugin ends', async () => {
  const workspace = workspaceIn(temporaryFolder())
  const mounts = [{ source: workspace, target: '/workspace', readOnly: false }]
  const plugin = await pluginWith('A', '', { mounts, workspace })
  writeFileSync(join(workspace, 'new'), '{ "version": 1 }')
  renameSync(join(workspace, 'new'), join(workspace, 'tenon.json'))
  expect(await plugin.ended).toMatchObject({
    reason: 'killed',
    message: expect.stringContaining('tenon.json was replaced'),
  })
})

test('what a killed host left standing is removed by the next, unless it has become real', async () => {
  const [workspace, stateDir] = [temporaryFolder(), temporaryFolder()]
  const given = { mounts: [{ source: workspace, target: '/workspace', readOnly: false }], workspace, stateDir }
  const first = await pluginWith('A', '', given)
  const journal = join(stateDir, 'placeholders')
  const lines = readdirSync(journal).map((name) => [name, readFileSync(join(journal, name), 'utf8')] as const)
  await first.stop()
  for (const [name, line] of lines) writeFileSync(join(journal, name), line)
  mkdirSync(join(workspace, '.git', 'hooks'), { recursive: true })
  mkdirSync(join(workspace, 'ids'))
  writeFileSync(join(workspace, 'tenon.lock'), '')
  writeFileSync(join(workspace, 'tenon.json'), '{}')
  const second = await pluginWith('A', '', given)
  await second.stop()
  expect(readdirSync(workspace)).toEqual(['.git', 'tenon.json'])
  expect(readdirSync(journal)).toEqual([])
  rmSync(join(workspace, '.git'), { recursive: true })
})
