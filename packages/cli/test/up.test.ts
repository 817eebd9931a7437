import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn } from './in-process.ts'

const UP = ['up', '--once', '--port', '0', '--data-dir', 'data']

/** The processes whose command line names a file below the folder. */
const serversBelow = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name).includes(`${folder}/`))

/** Empty also for a process that has just ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

test('everything comes up, works and ends, and a second start repeats and grants nothing', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  mkdirSync(join(home, 'data'))
  const first = await tenon(UP)
  expect([first.code, first.stderr]).toEqual([0, ''])
  expect(first.stdout).toMatch(/^administrator token in \S+\nready at http:\S+\n/)
  expect(first.stdout).toMatch(/\n +\d+\.\d s {2}published tenon\/id-mint: /)
  expect(first.stdout).toMatch(
    /\nconsole at \S+\/ui\/, registry at \S+\/registry, API at \S+\/openapi\.json\n\d+ steps done\n$/,
  )
  expect(serversBelow(home)).toEqual([])
  const modes = ['host', 'keys', 'registry'].map((name) => statSync(join(home, 'data', name)).mode & 0o777)
  expect(modes).toEqual([0o700, 0o700, 0o700])

  const wanted = join(home, 'data/workspace/tenon.json')
  const document = JSON.parse(readFileSync(wanted, 'utf8')) as { grants: object }
  writeFileSync(wanted, JSON.stringify({ ...document, grants: { ...document.grants, 'id-mint': [] } }))
  const second = await tenon([...UP, '--json'])
  expect([second.code, second.stderr]).toEqual([0, ''])
  const [, end] = second.stdout.trim().split(/\n(?=\{\n)/)
  const { steps } = JSON.parse(end ?? '') as { steps: { what: string }[] }
  expect(steps.map(({ what }) => what)).toEqual([
    'started user-management',
    'enabled id-mint',
    'enabled user-management',
    'enabled csv-profile',
    'enabled keyword-map',
  ])
  expect((await tenon(['runs', 'list', '--data-dir', 'data', '--json'])).json()).toMatchObject([
    { status: 'succeeded' },
  ])
})

test('without --once it serves host and registry until it is stopped, and its token is good for both', async () => {
  const tenon = tenonIn(temporaryFolder())
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort())
  const isUp = Promise.withResolvers<string>()
  const seen: string[] = []
  const up = tenon(['up', '--port', '0'], {
    ...{ signal: stopping.signal, isTerminal: true },
    onOut: (text) => {
      seen.push(text)
      const [, url] = /^console at (\S+)\/ui\//.exec(text) ?? []
      if (url !== undefined) isUp.resolve(url)
    },
  })
  const printed = await Promise.race([isUp.promise, up.then(({ stderr }) => Promise.reject(new Error(stderr)))])
  stopping.signal.throwIfAborted()
  const wrong = { TENON_TOKEN: 'wrong' }
  const publisher = ['admin', 'publisher', 'acme', '--registry', `${printed}/registry`]
  for (const words of [['plugin', 'list'], publisher]) {
    const refused = await tenon(words, { env: wrong })
    expect([words, refused.code, refused.stderr]).toEqual([words, 2, expect.stringContaining('TOKEN_INVALID')])
  }
  const token = /shown this once: (\S+)$/m.exec(seen.join(''))?.[1] ?? ''
  expect((await tenon(publisher, { env: { TENON_TOKEN: token } })).stderr).toBe('')
  stopping.abort('SIGINT')
  const { code, stdout, stderr } = await up
  expect([code, stderr, stdout]).toEqual([0, '', expect.stringMatching(/\nstopped\n$/)])
  expect(serversBelow(printed)).toEqual([])
})

test.each(['published openlab/csv-profile', 'resolved and installed', 'started user-management'])(
  'stopped after "%s" it leaves no process, and the next start does what is left',
  async (line) => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    const stopping = new AbortController()
    const onOut = (text: string): void => void (text.includes(line) && stopping.abort('SIGTERM'))
    const stopped = await tenon(UP, { signal: stopping.signal, onOut })
    expect(stopped).toMatchObject({ code: 143, stderr: 'error CALL_CANCELLED: stopped by SIGTERM\n' })
    expect(serversBelow(home)).toEqual([])
    const again = await tenon(UP)
    expect([again.code, again.stderr]).toEqual([0, ''])
    const seen = stopped.stdout + again.stdout
    for (const step of ['installed them', 'granted what', 'enabled id-mint']) expect(seen).toContain(step)
  },
)

test('a tour that fails midway leaves nothing running', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  const { stdout: python } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' })
  mkdirSync(join(home, 'bin'))
  symlinkSync(python.trim(), join(home, 'bin/python3'))
  const failed = await tenon(UP, { env: { PATH: join(home, 'bin') } })
  expect([failed.code, failed.stderr]).toEqual([2, expect.stringContaining('ISOLATION_UNAVAILABLE')])
  expect(failed.stdout).toContain('started user-management')
  expect(serversBelow(home)).toEqual([])
})
