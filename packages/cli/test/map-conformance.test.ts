import { globSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { mapProject } from './map-project.ts'

/** Whether somebody watches a folder below this one. */
const isWatching = (folder: string): boolean =>
  readdirSync('/proc').some((name) => /^\d+$/.test(name) && watchedBy(`/proc/${name}`).startsWith(folder))

/** Empty also for a process that has just ended. */
function watchedBy(process: string): string {
  try {
    return readFileSync(`${process}/cmdline`, 'utf8').includes('sm.mjs\0watch') ? readlinkSync(`${process}/cwd`) : ''
  } catch {
    return ''
  }
}

const caseOf = (id: string, exit: number): Record<string, string> => ({
  [`suite/cases/${id}.json`]: JSON.stringify({
    ...{ id, description: 'An empty folder.', invoke: { verb: 'scan', flags: ['--json'] } },
    assertions: [
      { type: 'exit-code', value: exit },
      { type: 'json-path', path: '$.nodes.length', equals: 0 },
    ],
  }),
})

describe('sm conformance run', () => {
  test('plays the cases of a folder in processes of their own, and tells what came instead', async () => {
    const { sm } = mapProject({ ...caseOf('right', 0), ...caseOf('wrong', 7) })
    const told = await sm('conformance', 'run', 'suite')
    expect([told.code, told.stdout.split('\n')]).toEqual([
      1,
      [
        'ok     spec right',
        'FAILED spec wrong',
        '         exit-code: expected exit status 7, came 0',
        '1 of 2 cases passed',
        '',
      ],
    ])
    const { code, json } = await sm('conformance', 'run', 'suite', '--scope', 'spec', '--json')
    expect([code, json()]).toMatchObject([
      1,
      {
        scope: 'spec',
        counts: { total: 2, passed: 1, failed: 1 },
        cases: [{ id: 'right', passed: true }, { id: 'wrong' }],
      },
    ])
  })

  test('plays commands that fail, and needs no PATH for it', async () => {
    const failing = {
      'suite/cases/failing.json': JSON.stringify({
        ...{ id: 'failing', description: 'No map.', invoke: { verb: 'list' } },
        assertions: [{ type: 'exit-code', value: 2 }],
      }),
    }
    const { smIn } = mapProject(failing)
    const { code, stdout } = await smIn({ env: { PATH: undefined } }, 'conformance', 'run', 'suite')
    expect([code, stdout]).toEqual([0, 'ok     spec failing\n1 of 1 cases passed\n'])
  })

  test('ends when it is told to stop, and with it the command that it plays', async () => {
    const folder = temporaryFolder()
    vi.stubEnv('TMPDIR', folder)
    onTestFinished(() => void vi.unstubAllEnvs())
    const assertions = [{ type: 'exit-code', value: 0 }]
    const watch = { id: 'watch', description: 'It goes on.', invoke: { verb: 'watch' } }
    const { smIn } = mapProject({ 'suite/cases/watch.json': JSON.stringify({ ...watch, assertions }) })
    const stopping = new AbortController()
    const ended = smIn({ signal: stopping.signal }, 'conformance', 'run', 'suite')
    await expect.poll(() => globSync('sm-case-*/scope/.skill-map/skill-map.db', { cwd: folder })).toHaveLength(1)
    expect(isWatching(folder)).toBe(true)
    stopping.abort('SIGTERM')
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([143, expect.stringContaining('error CALL_CANCELLED: stopped by SIGTERM\n')])
    await expect.poll(() => isWatching(folder)).toBe(false)
    expect(globSync('sm-case-*', { cwd: folder })).toEqual([])
  })

  test('tells no line that a suite wrote', async () => {
    const { sm } = mapProject({ ...caseOf('right', 0), 'suite/cases/x\nok     spec y.json': '{' })
    const lines = (await sm('conformance', 'run', 'suite')).stdout.split('\n')
    expect(lines.filter((line) => line.startsWith('ok'))).toEqual(['ok     spec right'])
  })

  test('plays our own cases when no folder is named', async () => {
    const { code, json } = await mapProject().sm('conformance', 'run', '--scope', 'provider:gemini', '--json')
    expect(json().cases.every(({ passed }: { passed: boolean }) => passed)).toBe(true)
    expect([code, json().counts.failed]).toEqual([0, 0])
  })

  test('ends with 2 where there is nothing to play', async () => {
    const { sm } = mapProject(caseOf('right', 0))
    const none = await sm('conformance', 'run', 'nowhere')
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('holds no case')])
    const other = await sm('conformance', 'run', 'suite', '--scope', 'provider:mine')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('It is one of: all, spec.')])
  })
})
