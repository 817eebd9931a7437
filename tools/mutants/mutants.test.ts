import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMutants, root } from './mutant.ts'

const mutants = readMutants()

test('every patch says what is lost and names tests that are there', () => {
  const faults = mutants.filter(
    ({ why, tests }) =>
      !why.endsWith('.') || tests.length === 0 || !tests.every((path) => existsSync(join(root, path))),
  )
  expect(faults).toEqual([])
})

test.for(mutants.map(({ name, path }) => [name, path] as const))('%s still applies', ([, path]) => {
  execFileSync('git', ['apply', '--check', path], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
})
