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

/** One shell for all of them: starting git from a large process takes ten times as long as what it does. */
const EACH = 'for patch; do git apply --check "$patch" || echo "$patch"; done'

test('every patch still applies', () => {
  const words = ['-c', EACH, 'sh', ...mutants.map(({ path }) => path)]
  expect(execFileSync('sh', words, { cwd: root, encoding: 'utf8' })).toBe('')
})
