import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { chooseLevel, LEVELS, probeLevels, startPlugin, type Level, type LevelReport } from '@tenon/sandbox'
import { printedThrough } from './host-process.ts'
import { isRoot, levelNamed, world } from './sandboxed.ts'

const PROBE_HOST = fileURLToPath(new URL('./probe-host.ts', import.meta.url))
const CGROUPS = String.raw`sed -n 's/^[^ ]* \([^ ]*\) cgroup.*/\1/p' /proc/mounts`
const hasSeparateCgroups = /^\S+ \S+ cgroup \S*\bmemory\b/m.test(readFileSync('/proc/mounts', 'utf8'))

const available = (level: Level): LevelReport => ({
  level,
  means: '',
  available: true,
  guarantees: ['fs', 'net'],
  degraded: [],
})
const missing = (level: Level, hint?: string): LevelReport => ({
  level,
  means: '',
  available: false,
  reason: `no ${level} here`,
  ...(hint === undefined ? {} : { hint }),
})

describe('choosing', () => {
  const choose = (reports: LevelReport[], wish: Partial<Parameters<typeof chooseLevel>[1]> = {}) =>
    chooseLevel(reports, { required: [], signed: false, ...wish }).level

  test('takes the strongest level there is', () => {
    expect(choose([available('E'), available('B'), missing('A')])).toBe('B')
  })
  test('takes the level that was asked for, and no other', () => {
    expect(choose([available('A'), available('B')], { requested: 'B' })).toBe('B')
    expect(() => choose([available('B'), missing('A')], { requested: 'A' })).toThrow('A: no A here')
  })
  test.each(["C'", 'F', 'G'] as const)('gives %s only by name, and never to code that nobody vouches for', (level) => {
    expect(() => choose([available(level)], { signed: true })).toThrow('only when it is asked for by name')
    expect(() => choose([available(level)], { requested: level })).toThrow('no verified signer')
    expect(choose([available(level)], { requested: level, signed: true })).toBe(level)
  })
  test('gives a level that was never run only by name', () => {
    expect(() => choose([available('D')])).toThrow('only when it is asked for by name')
    expect(choose([available('D')], { requested: 'D' })).toBe('D')
  })
  test('refuses a level that lacks what is required', () => {
    expect(() => choose([available('B')], { required: ['memory', 'fs'] })).toThrow('does not guarantee memory')
  })
  test('passes on the hint of what is missing', () => {
    expect(() => choose([missing('A', 'Install it.')])).toThrow(
      expect.objectContaining({ code: 'ISOLATION_UNAVAILABLE', hint: 'Install it.' }),
    )
    expect(() => choose([missing('A')])).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('tenon doctor') }),
    )
  })
})

describe('probing', () => {
  test('finds the levels that the documentation shows, by the same means', async () => {
    const page = readFileSync(fileURLToPath(new URL('../../../docs/isolation.md', import.meta.url)), 'utf8')
    const rows = [...page.matchAll(/^\| (\S+) +\| (.+?) +\|/gm)].map(([, level, means]) => [level, means]).slice(1)
    const reports = await probeLevels(world)
    expect(rows.filter(([level]) => !level?.startsWith('-'))).toEqual(reports.map(({ level, means }) => [level, means]))
  })

  test('offers A, B and C here, F to who names it, and says why no other', async () => {
    const reports = await probeLevels(world)
    expect(reports.map(({ level }) => level)).toEqual(LEVELS)
    expect(reports.filter((report) => report.available).map(({ level }) => level)).toEqual(['A', 'B', 'C', 'F'])
    expect(reports.find(({ level }) => level === 'D')).toMatchObject({ reason: 'only macOS has it' })
    expect(reports.find(({ level }) => level === 'G')).toMatchObject({ reason: 'not built in this version' })
  })

  test.each([
    ['bwrap', 'bubblewrap', ['A', 'B']],
    ['perl', 'perl-base', ['A', 'B', 'C']],
  ] as const)(
    'without %s its levels are not offered, and the hint names its package',
    async (program, owner, levels) => {
      const bin = temporaryFolder()
      for (const name of ['perl', 'bwrap', 'ldd', 'python3'])
        if (name !== program) symlinkSync(`/usr/bin/${name}`, join(bin, name))
      const reports = await probeLevels(wallWorld({ env: { PATH: `relative:${bin}` } }))
      for (const requested of levels)
        expect(() => chooseLevel(reports, { required: [], signed: false, requested })).toThrow(
          expect.objectContaining({ code: 'ISOLATION_UNAVAILABLE', hint: expect.stringContaining(`package ${owner}`) }),
        )
    },
  )

  test('without a PATH there is no level', async () => {
    const reports = await probeLevels(wallWorld({ env: {} }))
    expect(() => chooseLevel(reports, { required: [], signed: false })).toThrow('in PATH')
  })

  const takeAway = 'umount -l -a -t cgroup,cgroup2'
  test
    .runIf(isRoot)
    .each([
      ['without cgroups', takeAway, 'no cgroups are mounted'],
      ['whose cgroups may not be written', `${CGROUPS} | xargs -n 1 mount -o remount,bind,ro`, 'no group can be made'],
      ...(hasSeparateCgroups
        ? [['whose one tree has no controllers', `${takeAway}; mount -t cgroup2 none /mnt`, 'no group can be made']]
        : []),
    ])('a machine %s offers B, and says why not A', (_, change, why) => {
    const changed = ['unshare', '--mount', 'sh', '-c', `${change}; exec "$@"`, 'sh']
    const reports = JSON.parse(printedThrough(changed, [PROBE_HOST])) as LevelReport[]
    expect(reports.find(({ level }) => level === 'A')).toMatchObject({
      available: false,
      reason: expect.stringContaining(why),
    })
    expect(chooseLevel(reports, { required: [], signed: false }).level).toBe('B')
  })

  test.each([
    ['fails', 'echo "setting up uid map: Permission denied" >&2; exit 1', 'Permission denied'],
    ['isolates nothing', 'while [ "$1" != -- ]; do shift; done; shift; shift; exec "$NODE" "$@"', 'does not isolate'],
  ])('a bubblewrap that %s offers no level', async (_, script, why) => {
    // Not in /tmp, which the launcher covers for what it starts.
    const bin = mkdtempSync('/var/tmp/tn-')
    onTestFinished(() => rmSync(bin, { recursive: true }))
    chmodSync(bin, 0o755)
    for (const name of ['perl', 'ldd']) symlinkSync(`/usr/bin/${name}`, join(bin, name))
    writeFileSync(join(bin, 'bwrap'), `#!/bin/sh\nNODE="${process.execPath}"\n${script}\n`, { mode: 0o755 })
    const reports = await probeLevels(wallWorld({ env: { PATH: bin } }))
    for (const level of ['A', 'B']) {
      const report = reports.find((candidate) => candidate.level === level)
      expect(report).toMatchObject({ available: false, hint: expect.stringContaining('AppArmor') })
      expect(report).toMatchObject({ reason: expect.stringContaining(why) })
    }
  })

  test('a level that is not built starts nothing', async () => {
    const level = { ...(await levelNamed('A')), level: 'G' as const }
    const code = { bytes: Buffer.from('export default { operations: {} }') }
    const order = {
      world,
      level,
      plugin: { id: 'x', version: '1.0.0', kind: 'node' as const, code },
      limits: {},
      mounts: [],
      env: {},
      handlers: {},
    }
    await expect(
      startPlugin({
        ...order,
        workspace: undefined,
        onLog: () => {},
        onDegraded: () => {},
        onThrottled: () => {},
        stateDir: temporaryFolder(),
      }),
    ).rejects.toMatchObject({ code: 'ISOLATION_UNAVAILABLE' })
  })
})
