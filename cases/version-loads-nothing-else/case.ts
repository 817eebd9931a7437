import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { repository } from '../harness/tenon.ts'

test('tenon --version tells the version and opens none of our packages', () => {
  const { version } = JSON.parse(readFileSync(join(repository, 'packages/cli/package.json'), 'utf8')) as {
    version: string
  }
  const binary = join(repository, 'packages/cli/bin/tenon.mjs')
  const env = { PATH: process.env['PATH'] ?? '', NODE_DEBUG: 'esm' }
  const { stdout, stderr, status } = spawnSync(process.execPath, [binary, '--version'], { env, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, `${version}\n`])
  const loaded = stderr.match(/file:\/\/\S+\.[mc]?[tj]s/g) ?? []
  expect(loaded.some((url) => url.endsWith('start.mjs'))).toBe(true)
  expect(loaded.filter((url) => /packages\/.*\/src\/|node_modules/.test(url))).toEqual([])
})
