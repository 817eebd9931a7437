import { limits } from '@tenon/contract'
import { runSuite } from '@tenon/map'
import { wallWorld } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { conformanceFolder } from '../src/surroundings.ts'
import { smInProcess } from './sm-in-process.ts'

test('every case of our suite passes', { timeout: 5 * limits.conformanceCaseMs }, async () => {
  const signal = new AbortController().signal
  const cases = await runSuite({
    folder: conformanceFolder,
    scope: 'all',
    world: wallWorld(),
    runSm: smInProcess,
    signal,
  })
  const failures = cases
    .filter(({ passed }) => !passed)
    .map(({ id, problems, outcomes }) => ({ id, problems, missed: outcomes.filter(({ passed }) => !passed) }))
  expect(failures).toEqual([])
})
