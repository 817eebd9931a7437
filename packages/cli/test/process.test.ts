import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { repository, serve, tenonIn } from '../../../cases/harness/tenon.ts'
import { main } from '../src/main.ts'

afterEach(() => vi.restoreAllMocks())

test('the process prints, ends with the status of its command, and takes its surroundings from the system', async () => {
  const printed = { out: '', err: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => (printed.out += String(chunk)) !== '')
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => (printed.err += String(chunk)) !== '')
  expect(await main('tenon', ['--help'])).toBe(0)
  expect(await main('sm', ['scan', 'nowhere-at-all'])).toBe(2)
  expect(await main('tenon', ['plugin', 'list', '--data-dir', join(temporaryFolder(), 'data')])).toBe(0)
  expect(printed.out).toMatch(/^USAGE\n {2}tenon up [\s\S]*generation 0\nno plugins\n$/)
  expect(printed.err).toContain('nowhere-at-all')
})

test('a variable of ours that is empty is one that is not set', async () => {
  const home = temporaryFolder()
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TENON_HOME: '', TENON_TOKEN: '', TENON_PORT: '' }
  const tenon = `${repository}packages/cli/bin/tenon.mjs`
  const listed = spawn(process.execPath, [tenon, 'plugin', 'list', '--json'], { cwd: home, env })
  expect(JSON.parse(await text(listed.stdout))).toMatchObject({ plugins: [] })
  expect(readdirSync(home)).toEqual(['.local'])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends what serves when it is done, and what works at once', async (name, status) => {
  const home = temporaryFolder()
  const served = await serve(home, ['host', 'serve'])
  const exited = once(served.child, 'exit')
  served.child.kill(name)
  expect(await exited).toEqual([0, null])
  const up = spawn(
    process.execPath,
    [`${repository}packages/cli/bin/tenon.mjs`, 'up', '--port', '0', '--data-dir', 'data'],
    {
      cwd: home,
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const ended = once(up, 'exit')
  const errors = text(up.stderr)
  await once(up.stdout, 'data')
  up.kill(name)
  expect([await ended, await errors]).toEqual([[status, null], `error CALL_CANCELLED: stopped by ${name}\n`])
})

test('a reader that has had enough ends the command without a complaint', async () => {
  const home = temporaryFolder()
  mkdirSync(join(home, 'notes'))
  for (let note = 0; note < 400; note += 1) writeFileSync(join(home, `notes/${note}.md`), '# Note\n'.repeat(20))
  const child = spawn(
    process.execPath,
    [`${repository}packages/cli/bin/tenon.mjs`, 'map', 'scan', '--json', '--dry-run', '--quiet'],
    {
      cwd: home,
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const errors = text(child.stderr)
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  await exited
  expect(await errors).toBe('')
})

test('two commands at a time over one platform: one works, the other waits for its turn or says who has it', async () => {
  const tenon = tenonIn(temporaryFolder())
  const ends = await Promise.all([tenon(['plugin', 'list']), tenon(['plugin', 'list']), tenon(['plugin', 'list'])])
  expect(ends.some(({ code }) => code === 0)).toBe(true)
  for (const { code, stderr } of ends)
    if (code !== 0) expect([code, stderr]).toEqual([3, expect.stringContaining('DATA_FOLDER_OWNED')])
})

/** A Node of this machine that is too old to run Tenon itself. */
const oldNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((path) => {
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
    return /^v(1\d|2[0-3])\./.test(stdout ?? '')
  })

test.runIf(oldNode)('an old Node hands the command over to the pinned one (needs a Node before 24 in PATH)', () => {
  const tenon = `${repository}packages/cli/bin/tenon.mjs`
  const { status, stderr } = spawnSync(oldNode ?? '', [tenon, 'resolve'], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^error USAGE: name a catalog with --catalog\n/)])
})
