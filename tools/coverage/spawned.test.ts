import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { addSpawned, spawnedCounts } from './spawned.ts'
import { percent, summaryOf } from './summary.ts'

const TEXT = `export function pick(a: number): string {
  if (a > 1) return 'many'
  return a === 1 ? 'one' : 'none'
}
console.log(pick(Number(process.argv[2])))
`
const at = (line: number, column: number) => ({ start: { line, column }, end: { line, column: column + 1 } })
const nothing = (path: string) => ({
  path,
  statementMap: { 0: at(2, 2), 1: at(2, 13), 2: at(3, 2), 3: at(5, 0) },
  s: { 0: 0, 1: 0, 2: 0, 3: 0 },
  branchMap: {
    0: { type: 'if', locations: [at(2, 2), { start: {}, end: {} }] },
    1: { type: 'cond-expr', locations: [at(3, 19), at(3, 27)] },
  },
  b: { 0: [0, 0], 1: [0, 0] },
})

test('what spawned processes ran is counted where it stands in the source', () => {
  const folder = temporaryFolder()
  const [script, dumps] = [join(folder, 'pick.ts'), join(folder, 'dumps')]
  mkdirSync(dumps)
  writeFileSync(script, TEXT)
  const run = (argument: string): void =>
    void spawnSync(process.execPath, [script, argument], { env: { NODE_V8_COVERAGE: dumps } })
  run('1')
  const one = addSpawned(nothing(script), spawnedCounts(dumps).get(script) ?? [], TEXT)
  expect([Object.values(one.s).map((count) => count > 0), one.b['1']]).toEqual([
    [true, false, true, true],
    [1, 0],
  ])
  run('2')
  run('0')
  const all = addSpawned(nothing(script), spawnedCounts(dumps).get(script) ?? [], TEXT)
  expect(one.b['0']).toEqual([0, 1])
  expect(summaryOf([one])).toEqual({ lines: [3, 3], branches: [2, 4] })
  expect(summaryOf([all]).lines).toEqual([3, 3])
  expect(all.b).toEqual({ 0: [1, 2], 1: [1, 1] })
  expect(percent([1, 2])).toBe(50)
})
