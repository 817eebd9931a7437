import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { limits } from '@tenon/contract'
import { runSuite } from '@tenon/map'
import { wallWorld } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { conformanceFolder } from '../src/surroundings.ts'
import { smInProcess } from './sm-in-process.ts'

test('every case of our suite passes', { timeout: 5 * limits.conformanceCaseMs }, async () => {
  const { signal } = new AbortController()
  const suite = { folder: conformanceFolder, scope: 'all', world: wallWorld(), runSm: smInProcess, signal }
  const cases = await Array.fromAsync(runSuite(suite))
  const failures = cases
    .filter(({ passed }) => !passed)
    .map(({ id, problems, outcomes }) => ({ id, problems, missed: outcomes.filter(({ passed }) => !passed) }))
  expect(failures).toEqual([])
  expect(cases).toHaveLength(CASES.length)
})

/** The cases by the names that the table has for them. */
const CASES = globSync('{,providers/*/}cases/*.json', { cwd: conformanceFolder }).map((path) => {
  const provider = relative('providers', dirname(dirname(path)))
  const id = basename(path, '.json')
  return path.startsWith('providers/') ? `${provider}/${id}` : id
})

const ITEM = /`([^`]+)`|test ([\w-]+) "([^"]+)"|not yet: (\w+)/g

type Row = {
  sentence: string
  cases: string[]
  tests: { file: string; name: string }[]
  notYet: string[]
  rest: string
}

function rowOf(line: string): Row {
  const [sentence = '', shown = ''] = line.slice(2, -2).split(' | ')
  const items = [...shown.matchAll(ITEM)]
  const kept = (index: number): string[] => items.flatMap((item) => item[index] ?? [])
  return {
    sentence,
    cases: kept(1),
    tests: items.flatMap(([, , file, name]) => (file === undefined || name === undefined ? [] : [{ file, name }])),
    notYet: kept(4),
    rest: shown.replaceAll(ITEM, '').replaceAll(', ', ''),
  }
}

describe('the table of coverage', () => {
  const lines = readFileSync(join(conformanceFolder, 'coverage.md'), 'utf8').split('\n')
  const rows = lines.filter((line) => /^\| (?!sentence \|)/.test(line)).map(rowOf)

  test('shows each sentence by something, and by nothing but cases, tests and what is still to come', () => {
    const ofNothing = rows.filter(({ cases, tests, notYet }) => cases.length + tests.length + notYet.length === 0)
    const ofElse = rows.filter(({ rest }) => rest !== '')
    expect([ofNothing, ofElse, rows.length > 100]).toEqual([[], [], true])
  })

  test('names every case, and none that there is not', () => {
    expect([...new Set(rows.flatMap(({ cases }) => cases))].sort()).toEqual(CASES.toSorted())
  })

  test('names tests that there are', () => {
    const folders = ['../../map/test', '.'].map((folder) => join(import.meta.dirname, folder))
    const holds = ({ file, name }: { file: string; name: string }): boolean =>
      folders
        .map((folder) => join(folder, `${file}.test.ts`))
        .some((path) => existsSync(path) && readFileSync(path, 'utf8').includes(`'${name}'`))
    expect(rows.flatMap(({ tests }) => tests).filter((one) => !holds(one))).toEqual([])
  })

  test('leaves only the server and jobs for later', () => {
    const later = rows.filter(({ notYet }) => notYet.length > 0)
    expect(later.filter(({ cases, tests }) => cases.length + tests.length > 0)).toEqual([])
    expect([...new Set(later.flatMap(({ notYet }) => notYet))].sort()).toEqual(['jobs', 'server'])
  })
})
