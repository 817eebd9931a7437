import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import {
  chooseLevel,
  levelProbe,
  LEVELS,
  probeLevels,
  startPlugin,
  type Level,
  type LevelProbe,
  type LevelReport,
} from '@tenon/sandbox'
import { printedThrough } from './host-process.ts'
import { hasEngine, isRoot, levelNamed, world } from './sandboxed.ts'

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

/** As a machine would answer that offers these; what else there is is missing. */
const offering =
  (reports: readonly LevelReport[]): LevelProbe =>
  async (level) =>
    reports.find((report) => report.level === level) ?? missing(level)

describe('choosing', () => {
  const choose = async (reports: LevelReport[], wish: Partial<Parameters<typeof chooseLevel>[1]> = {}) =>
    (await chooseLevel(offering(reports), { required: [], signed: false, ...wish })).level

  test('takes the strongest level there is', async () => {
    expect(await choose([available('E'), available('B'), missing('A')])).toBe('B')
  })
  test('looks at no level below the one that it takes, and at no other than the one that was asked for', async () => {
    const asked: Level[] = []
    const reportOf: LevelProbe = async (level) => {
      asked.push(level)
      return level === 'A' ? missing('A') : available(level)
    }
    await chooseLevel(reportOf, { required: [], signed: false })
    await chooseLevel(reportOf, { required: [], signed: false, requested: 'E' })
    expect(asked).toEqual(['A', 'B', 'E'])
  })
  test('takes the level that was asked for, and no other', async () => {
    expect(await choose([available('A'), available('B')], { requested: 'B' })).toBe('B')
    await expect(choose([available('B'), missing('A')], { requested: 'A' })).rejects.toThrow('A: no A here')
  })
  test.each(["C'", 'F', 'G'] as const)(
    'gives %s only by name, and never to code that nobody vouches for',
    async (level) => {
      await expect(choose([available(level)], { signed: true })).rejects.toThrow('only when it is asked for by name')
      await expect(choose([available(level)], { requested: level })).rejects.toThrow('no verified signer')
      expect(await choose([available(level)], { requested: level, signed: true })).toBe(level)
    },
  )
  test('gives a level that was never run only by name', async () => {
    await expect(choose([available('D')])).rejects.toThrow('only when it is asked for by name')
    expect(await choose([available('D')], { requested: 'D' })).toBe('D')
  })
  test('refuses a level that lacks what is required', async () => {
    await expect(choose([available('B')], { required: ['memory', 'fs'] })).rejects.toThrow('does not guarantee memory')
  })
  test('passes on the hint of what is missing', async () => {
    await expect(choose([missing('A', 'Install it.'), missing('B', 'Buy it.')])).rejects.toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
      hint: 'Install it.',
    })
    await expect(choose([missing('A')])).rejects.toMatchObject({ hint: expect.stringContaining('tenon doctor') })
  })
})

describe('probing', () => {
  test('finds the levels that the documentation shows, by the same means', async () => {
    const page = readFileSync(fileURLToPath(new URL('../../../docs/isolation.md', import.meta.url)), 'utf8')
    const rows = [...page.matchAll(/^\| (\S+) +\| (.+?) +\|/gm)].map(([, level, means]) => [level, means]).slice(1)
    const reports = await probeLevels(world)
    expect(rows.filter(([level]) => !level?.startsWith('-'))).toEqual(reports.map(({ level, means }) => [level, means]))
  })

  test('offers A, B and C here, to root E too, F to who names it, and says why no other', async () => {
    const reports = await probeLevels(world)
    expect(reports.map(({ level }) => level)).toEqual(LEVELS)
    expect(reports.filter((report) => report.available).map(({ level }) => level)).toEqual([
      'A',
      'B',
      'C',
      ...(hasEngine ? ['E'] : []),
      'F',
    ])
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
      const reportOf = levelProbe(wallWorld({ env: { PATH: `relative:${bin}` } }))
      for (const requested of levels)
        await expect(chooseLevel(reportOf, { required: [], signed: false, requested })).rejects.toMatchObject({
          code: 'ISOLATION_UNAVAILABLE',
          hint: expect.stringContaining(`package ${owner}`),
        })
    },
  )

  test('without a PATH there is no level', async () => {
    const reportOf = levelProbe(wallWorld({ env: {} }))
    await expect(chooseLevel(reportOf, { required: [], signed: false })).rejects.toThrow('in PATH')
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
    ])('a machine %s offers B, and says why not A', async (_, change, why) => {
    const changed = ['unshare', '--mount', 'sh', '-c', `${change}; exec "$@"`, 'sh']
    const reports = JSON.parse(printedThrough(changed, [PROBE_HOST])) as LevelReport[]
    expect(reports.find(({ level }) => level === 'A')).toMatchObject({
      available: false,
      reason: expect.stringContaining(why),
    })
    expect(await chooseLevel(offering(reports), { required: [], signed: false })).toMatchObject({ level: 'B' })
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
