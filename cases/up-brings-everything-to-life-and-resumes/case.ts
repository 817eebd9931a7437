import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn } from '../harness/tenon.ts'

const STEPS = [
  'published tenon/id-mint',
  'published openlab/csv-profile',
  'resolved and installed',
  'minted an id',
  'created a user',
  'profiled the CSV files',
  'mapped this repository',
]
const PLUGINS = ['csv-profile', 'id-mint', 'keyword-map', 'user-management']

test('everything comes up once, and a second start resumes it', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  const platform = ['--data-dir', join(home, 'data')]
  const first = await tenon(['up', '--once', '--port', '0', ...platform])
  expect([first.code, first.stderr]).toEqual([0, ''])
  for (const step of STEPS) expect(first.stdout).toContain(step)

  const listed = (await tenon(['plugin', 'list', '--json', ...platform])).json() as {
    plugins: { id: string; status: string; contained: boolean }[]
  }
  expect(listed.plugins.map(({ id, status, contained }) => [id, status, contained])).toEqual(
    PLUGINS.map((id) => [id, 'active', id !== 'user-management']),
  )
  const runs = (await tenon(['runs', 'list', '--json', ...platform])).json() as {
    run_id: string
    status: string
    outputs: { path: string }[]
  }[]
  expect(runs).toEqual([
    expect.objectContaining({
      status: 'succeeded',
      outputs: expect.arrayContaining([expect.objectContaining({ path: 'profile.json' })]),
    }),
  ])
  expect((await tenon(['runs', 'show', runs[0]?.run_id ?? '', ...platform])).stdout).toContain('"csv-profile"')

  const second = await tenon(['up', '--once', '--port', '0', ...platform])
  expect([second.code, second.stderr]).toEqual([0, ''])
  expect(second.stdout).not.toContain('published')
  expect(second.stdout).toContain('enabled user-management')
  const after = (
    await tenon(['call', 'id-mint', 'mint', '--json', '--input', join(import.meta.dirname, 'mint.json'), ...platform])
  ).json()
  expect(after).toEqual({ kind: 'checked', ids: [expect.stringMatching(/^DEMO-000002-/)] })
  expect((await tenon(['ledger', 'verify', ...platform])).code).toBe(0)
})

test('everything comes up in a project of its own, with the outputs in it', async () => {
  const home = temporaryFolder()
  const project = join(home, 'project')
  const { code, stdout, stderr } = await tenonIn(home)(['up', '--once', '--port', '0', '--workspace', project])
  expect([code, stderr]).toEqual([0, ''])
  for (const step of STEPS) expect(stdout).toContain(step)
  expect(stdout).toContain(`run succeeded, 4 files in ${join(project, 'out')}/`)
})
