import { expect, test } from 'vitest'
import { processesIn, listedTreeMeter } from '../src/listed-processes.ts'
import { seatbeltProfile } from '../src/seatbelt.ts'
import { wallWorld } from '@tenon/testkit'

test('the profile denies all that it does not name, and no path can end a rule', () => {
  const profile = seatbeltProfile([
    ['run', '/opt/node'],
    ['read', '/data/with "quotes")'],
    ['write', '/out'],
  ])
  expect(profile.split('\n').slice(0, 2)).toEqual(['(version 1)', '(deny default)'])
  expect(profile.split('\n').slice(-3)).toEqual([
    '(allow process-exec file-read* (subpath "/opt/node"))',
    String.raw`(allow file-read* (subpath "/data/with \"quotes\")"))`,
    '(allow file-read* file-write* (subpath "/out"))',
  ])
  expect(profile).not.toMatch(/network|mach-lookup/)
})

test('what ps lists is read in the ways of both systems', () => {
  expect(processesIn('  12   1  2048 0:01.50\n 13  12 1024 01:00:02\n 14 13 0 2-00:00:01\n')).toEqual([
    { pid: 12, parent: 1, memoryBytes: 2_097_152, cpuMs: 1_500 },
    { pid: 13, parent: 12, memoryBytes: 1_048_576, cpuMs: 3_602_000 },
    { pid: 14, parent: 13, memoryBytes: 0, cpuMs: 172_801_000 },
  ])
})

test('a tree is measured by what ps lists', async () => {
  const sample = await listedTreeMeter(wallWorld(), process.pid).sample()
  expect(sample.tasks).toBeGreaterThan(1)
  expect(sample.memoryBytes).toBeGreaterThan(10_000_000)
})
