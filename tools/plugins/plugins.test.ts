import { spawnSync } from 'node:child_process'
import { globSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { policiesFor, validatePlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'

const plugins = fileURLToPath(new URL('../../plugins/', import.meta.url))

describe.each(readdirSync(plugins))('%s', (id) => {
  const root = join(plugins, id)

  test('passes every gate', async () => {
    const { problems, gates } = await validatePlugin(nodeDisk, root, await policiesFor(nodeDisk, root))
    expect(problems).toEqual([])
    expect(gates.length).toBeGreaterThan(5)
  })

  test('passes its own tests', () => {
    const [command, args] = testsOf(root)
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '' },
    })
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, ''])
    expect(`${stdout}${stderr}`).toMatch(/(pass|Ran) [1-9]\d*/)
  })
})

const testsOf = (root: string): [string, string[]] =>
  globSync('tests/*.py', { cwd: root }).length > 0
    ? ['python3', ['-m', 'unittest']]
    : [
        process.execPath,
        ['--test', '--disable-warning=ExperimentalWarning', ...globSync('tests/test_*.{ts,mjs}', { cwd: root }).sort()],
      ]
