import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { initRepository } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { isCommandLine } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'

type Step = { uses?: string; run?: string; with?: Record<string, unknown> }
type Workflow = {
  on: Record<string, unknown>
  permissions: Record<string, string>
  concurrency?: { group: string }
  jobs: Record<string, { steps: Step[] }>
}
const WORKFLOWS = ['id-guard', 'id-post-merge', 'id-release']

const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps }) => steps)
const linesOf = (steps: Step[]): string[] =>
  steps.flatMap(({ run = '' }) => run.split('\n').map((line) => line.trim())).filter((line) => line !== '')

async function begun(): Promise<string> {
  const root = temporaryFolder()
  await initRepository(nodeDisk, root)
  return root
}

const workflow = (root: string, name: string): Workflow =>
  parse(readFileSync(join(root, `.github/workflows/${name}.yml`), 'utf8'))

describe('the workflows', () => {
  test('run commands that there are, and of others only git and the installation', async () => {
    const root = await begun()
    const lines = WORKFLOWS.flatMap((name) => linesOf(stepsOf(workflow(root, name))))
    const plain = lines.filter((line) => !/^(for plugin in plugins\/\*; do|done)$/.test(line))
    const [tenon, others] = [true, false].map((is) => plain.filter((line) => line.startsWith('tenon ') === is))
    expect(tenon?.filter((line) => !isCommandLine(line.split(' ').slice(1)))).toEqual([])
    const commands = others?.map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(new Set(commands)).toEqual(new Set(['npm install', 'git config', 'git add', 'git diff', 'git push']))
  })

  test('take actions by their commits, and no more rights than they need', async () => {
    const root = await begun()
    const read = Object.fromEntries(WORKFLOWS.map((name) => [name, workflow(root, name)]))
    for (const { uses } of Object.values(read).flatMap(stepsOf))
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/)
    expect(Object.values(read).map(({ permissions }) => permissions)).toEqual([
      { contents: 'read' },
      { contents: 'write' },
      { contents: 'read' },
    ])
    expect(read['id-post-merge']?.concurrency).toEqual({ group: 'id-post-merge', 'cancel-in-progress': false })
  })

  test('the guard is that of the base, over the whole history, and nothing of a change says what is installed', async () => {
    const guard = workflow(await begun(), 'id-guard')
    expect(Object.keys(guard.on)).toEqual(['pull_request_target'])
    const steps = stepsOf(guard)
    const checkout = steps.findIndex(({ uses }) => uses?.startsWith('actions/checkout@') === true)
    expect(steps[checkout]?.with).toMatchObject({ 'fetch-depth': 0, 'persist-credentials': false })
    expect(steps.findIndex(({ run }) => run?.startsWith('npm ') === true)).toBeLessThan(checkout)
    expect(linesOf(steps).slice(1)).toEqual(['tenon ids guard --base HEAD^1', 'tenon plugin validate .'])
  })
})
