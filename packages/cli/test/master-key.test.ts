import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { World } from '@tenon/contract'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { repository } from '../../../cases/harness/tenon.ts'
import { masterKeyPlace, masterKeysIn } from '../src/compose/master-key.ts'
import { tenonIn } from './in-process.ts'

const keysOf = (home: string, world: World = wallWorld()) => masterKeysIn(masterKeyPlace(home, world))
const currentOf = async (home: string, world?: World) => Buffer.from((await keysOf(home, world)).current)
const base64 = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const formerOf = async (home: string, world: World) => (await keysOf(home, world)).former.map((key) => key[0])

describe('a master key in a file', () => {
  test('is made once, for its user only, even by several at a time', async () => {
    const home = temporaryFolder()
    const keys = await Promise.all(Array.from({ length: 8 }, () => currentOf(home)))
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    expect(readdirSync(join(home, 'keys'))).toEqual(['master.key'])
    expect(await currentOf(home)).toEqual(keys[0])
    const modes = ['keys', 'keys/master.key'].map((name) => statSync(join(home, name)).mode & 0o777)
    expect(modes).toEqual([0o700, 0o600])
  })

  test('that another process makes at the same moment is the one that counts', async () => {
    const home = temporaryFolder()
    const theirs = Buffer.alloc(32, 7)
    const world = wallWorld()
    const newId = (): string => {
      mkdirSync(join(home, 'keys'))
      writeFileSync(join(home, 'keys/master.key'), theirs)
      return world.newId()
    }
    expect(await currentOf(home, { ...world, newId })).toEqual(theirs)
    expect(readdirSync(join(home, 'keys'))).toEqual(['master.key'])
  })

  test.each([0, 31, 33])('of %i bytes is named, and never replaced', async (length) => {
    const home = temporaryFolder()
    mkdirSync(join(home, 'keys'))
    writeFileSync(join(home, 'keys/master.key'), 'x'.repeat(length))
    await expect(currentOf(home)).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT', message: expect.stringContaining('keys/master.key') }),
    )
    expect(readFileSync(join(home, 'keys/master.key'))).toHaveLength(length)
  })

  test('behind a link that leads nowhere is not made somewhere else', async () => {
    const home = temporaryFolder()
    mkdirSync(join(home, 'keys'))
    symlinkSync(join(home, 'elsewhere'), join(home, 'keys/master.key'))
    await expect(currentOf(home)).rejects.toThrow(expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }))
  })

  test('that cannot be made says so', async () => {
    const home = join(temporaryFolder(), 'file')
    writeFileSync(home, '')
    await expect(currentOf(home)).rejects.toThrow(/ENOTDIR|EEXIST/)
  })
})

describe('a master key in the environment', () => {
  const given = (value: string) => wallWorld({ env: { TENON_MASTER_KEY: value } })

  test('wins over the file, whose key still opens what it sealed', async () => {
    const home = temporaryFolder()
    expect(await keysOf(home, given(base64(1)))).toEqual({ current: Buffer.alloc(32, 1), former: [] })
    expect(existsSync(join(home, 'keys'))).toBe(false)
    mkdirSync(join(home, 'keys'))
    writeFileSync(join(home, 'keys/master.key'), Buffer.concat([Buffer.alloc(32, 8), Buffer.alloc(32, 9)]))
    const world = given(`${base64(1)}, ${base64(2)}`)
    expect((await currentOf(home, world))[0]).toBe(1)
    expect(await formerOf(home, world)).toEqual([2, 8, 9])
  })

  test.each([
    ['hunter2', '1'],
    [base64(1).slice(4), '1'],
    [`${base64(1)},x,${base64(1)},`, '2, 4'],
    [Buffer.alloc(33, 1).toString('base64'), '1'],
  ])('that is none is refused without a word of it', async (value, place) => {
    const thrown = await keysOf(temporaryFolder(), given(value)).catch((error: unknown) => error)
    expect(thrown).toMatchObject({
      code: 'KEY_INVALID',
      message: `TENON_MASTER_KEY: key ${place} is not 32 bytes in base64`,
    })
  })

  test.each([
    [{ TENON_MASTER_KEY: base64(1), TENON_MASTER_KEY_FROM: 'keyring' }, '"keyring" and TENON_MASTER_KEY is set'],
    [{ TENON_MASTER_KEY: base64(1), TENON_MASTER_KEY_FROM: 'file' }, '"file" and TENON_MASTER_KEY is set'],
    [{ TENON_MASTER_KEY_FROM: 'environment' }, '"environment" and TENON_MASTER_KEY is not set'],
    [{ TENON_MASTER_KEY_FROM: 'vault' }, '"vault" and TENON_MASTER_KEY is not set'],
  ])('and a place that does not fit to it are refused', async (env, what) => {
    expect(() => masterKeyPlace('/home', wallWorld({ env }))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: `TENON_MASTER_KEY_FROM is ${what}` }),
    )
  })

  test('is copied into no file', async () => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    const env = { TENON_MASTER_KEY: base64(1) }
    const listed = await tenon(['plugin', 'list'], { env })
    expect([listed.code, listed.stderr]).toEqual([0, ''])
    expect(readdirSync(join(home, '.local/share/tenon/keys'))).toEqual(['host-token.pem'])
  })

  test('is taken out of what the process hands on', () => {
    const tell =
      'process.on("exit",()=>console.error(Object.keys(process.env).filter(n=>/^TENON|KEPT/.test(n)).join()))'
    const ended = spawnSync(process.execPath, [`${repository}packages/cli/bin/tenon.mjs`, 'ledger', 'verify'], {
      cwd: temporaryFolder(),
      env: {
        PATH: process.env['PATH'],
        HOME: temporaryFolder(),
        ...{ KEPT: 'x', TENON_MASTER_KEY: base64(1) },
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
      },
      encoding: 'utf8',
    })
    // One line for each of its threads.
    expect([ended.status, ended.stderr]).toEqual([0, expect.stringMatching(/^(KEPT\n)+$/)])
  })
})

/** A folder with a program in the place of the keyring's, which keeps what it is given, and notes how it was called. */
function fakeKeyring(script = 'lookup) cat secret 2>/dev/null || exit 1;; store) cat > secret;;') {
  const folder = temporaryFolder()
  const program = join(folder, process.platform === 'darwin' ? 'security' : 'secret-tool')
  writeFileSync(program, `#!/bin/sh\ncd ${folder}\necho "$@" >> argv\nenv >> env\ncase "$1" in ${script} esac\n`)
  chmodSync(program, 0o755)
  const path = `${folder}:${process.env['PATH'] ?? ''}`
  const env = { PATH: path, TENON_MASTER_KEY_FROM: 'keyring', TENON_TOKEN: 'hidden', DBUS_SESSION_BUS_ADDRESS: 'bus' }
  const noted = (name: string) => readFileSync(join(folder, name), 'utf8')
  return { folder, env, world: wallWorld({ env }), noted }
}

describe.skipIf(process.platform !== 'linux')('a master key in the keyring', () => {
  test('is made there at first need, goes and comes by standard streams, and stays', async () => {
    const { world, noted } = fakeKeyring()
    const home = temporaryFolder()
    const key = await currentOf(home, world)
    expect(noted('secret')).toBe(key.toString('base64'))
    expect(await currentOf(home, world)).toEqual(key)
    const lookup = `lookup application tenon home ${home}\n`
    const store = `store --label=Tenon master key of ${home} application tenon home ${home}\n`
    expect(noted('argv')).toBe(`${lookup}${lookup}${store}${lookup}${lookup}`)
    expect(noted('env')).toContain('DBUS_SESSION_BUS_ADDRESS=bus')
    expect(noted('env')).not.toMatch(/TENON_|hidden/)
    expect(existsSync(join(home, 'keys/master.key'))).toBe(false)
  })

  test('is made once, even by several at a time, and replaced there when it is rotated', async () => {
    const { world, noted } = fakeKeyring()
    const home = temporaryFolder()
    const keys = await Promise.all(Array.from({ length: 3 }, () => currentOf(home, world)))
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    const place = masterKeyPlace(home, world)
    await place.write({ current: Buffer.alloc(32, 1), former: [Buffer.alloc(32, 2)] })
    expect(noted('secret')).toBe(`${base64(1)},${base64(2)}`)
    expect(await keysOf(home, world)).toEqual({ current: Buffer.alloc(32, 1), former: [Buffer.alloc(32, 2)] })
  })

  test('comes after the file, whose key still opens what it sealed', async () => {
    const { world } = fakeKeyring()
    const home = temporaryFolder()
    const inFile = await currentOf(home)
    const { current, former } = await keysOf(home, world)
    expect(Buffer.from(current)).not.toEqual(inFile)
    expect(former.map((key) => Buffer.from(key))).toEqual([inFile])
  })

  test.each([
    ['is locked', 'lookup) echo "locked up" >&2; exit 1;;', 'secret-tool ended with 1: locked up'],
    ['fails', 'lookup) echo unseen; exit 3;;', 'secret-tool ended with 3: '],
    ['holds something else', 'lookup) echo unseen;;', 'the keyring: key 1 is not 32 bytes in base64'],
    ['keeps nothing', 'lookup) exit 1;; store) cat > /dev/null;;', 'a master key was given to the keyring, which'],
    ['refuses to keep it', 'lookup) exit 1;; store) echo no >&2; exit 1;;', 'secret-tool ended with 1: no'],
  ])('that %s is refused, with what its program complains of and nothing that it printed', async (_, script, why) => {
    const thrown = await keysOf(temporaryFolder(), fakeKeyring(script).world).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'KEY_INVALID', message: expect.stringContaining(why), hint: /./ })
    expect(String(thrown)).not.toContain('unseen')
  })

  test('without its program says what to install', async () => {
    const world = wallWorld({ env: { PATH: '/nowhere', TENON_MASTER_KEY_FROM: 'keyring' } })
    await expect(keysOf(temporaryFolder(), world)).rejects.toThrow(
      expect.objectContaining({ code: 'KEY_INVALID', hint: expect.stringContaining('libsecret-tools') }),
    )
  })
})

describe.skipIf(process.platform !== 'linux')('on another platform', () => {
  afterEach(() => vi.restoreAllMocks())
  const on = (platform: NodeJS.Platform) => vi.spyOn(process, 'platform', 'get').mockReturnValue(platform)

  /** In the place of the keychain's program, which takes its orders on standard input. */
  const SECURITY = `find-generic-password) cat secret 2>/dev/null || exit 44;; -i) sed 's/.* -w //' > secret;;`

  test('the keychain of macOS keeps the master key, which no command line shows', async () => {
    on('darwin')
    const { world, noted } = fakeKeyring(SECURITY)
    const home = temporaryFolder()
    expect(masterKeyPlace(home, world).name).toBe('the keychain (unverified)')
    const key = await currentOf(home, world)
    expect(await currentOf(home, world)).toEqual(key)
    expect(noted('secret')).toBe(`${key.toString('base64')}\n`)
    expect(noted('argv')).not.toContain(key.toString('base64'))
    expect(noted('argv')).toMatch(/^find-generic-password -s tenon -a [0-9a-f]{64} -w\n/)
  })

  test('a keychain that fails is refused', async () => {
    on('darwin')
    const { world } = fakeKeyring('find-generic-password) echo shut >&2; exit 36;;')
    await expect(keysOf(temporaryFolder(), world)).rejects.toThrow('security ended with 36: shut')
  })

  test('a keyring that nobody knows is refused', () => {
    on('freebsd')
    expect(() => masterKeyPlace(temporaryFolder(), fakeKeyring().world)).toThrow(
      expect.objectContaining({ code: 'KEY_INVALID', message: expect.stringContaining('on freebsd') }),
    )
  })
})

describe('doctor', () => {
  const doctored = async (home: string, env: Record<string, string>) => {
    const { code, stdout, stderr } = await tenonIn(home)(['doctor'], { env })
    return [code, stdout.split('\n\n')[1], stderr]
  }

  test('says where the master key is kept, and whether there is one, without making or showing it', async () => {
    const home = temporaryFolder()
    const path = join(home, '.local/share/tenon/keys/master.key')
    expect(await doctored(home, {})).toEqual([0, `master key: not made yet, from the file: ${path}\n`, ''])
    expect(existsSync(join(home, '.local'))).toBe(false)
    await currentOf(join(home, '.local/share/tenon'))
    expect(await doctored(home, {})).toEqual([0, `master key: ready, from the file: ${path}\n`, ''])
    const given = await doctored(home, { TENON_MASTER_KEY: base64(1) })
    expect(given).toEqual([0, 'master key: ready, from the environment: TENON_MASTER_KEY\n', ''])
    const { env } = fakeKeyring()
    const line = 'master key: not made yet, from the keyring: the keyring\n'
    if (process.platform === 'linux') expect(await doctored(home, env)).toEqual([0, line, ''])
  })

  test('ends with 1 and the reason when it cannot be used', async () => {
    const [code, line, stderr] = await doctored(temporaryFolder(), { TENON_MASTER_KEY: 'hunter2' })
    expect([code, stderr]).toEqual([1, ''])
    expect(line).toMatch(/^master key: unusable, TENON_MASTER_KEY: key 1 is not .*\n"head -c 32/)
    expect(line).not.toContain('hunter2')
  })
})
