import { describe, expect, test } from 'vitest'
import { mapProject } from './map-project.ts'

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
