import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ECHO, market, stepper, type Market } from './market.ts'

/** A workspace with a plugin that is enabled, and the words that call it. */
async function withEcho(): Promise<{ at: Market; step: ReturnType<typeof stepper>; call: string[]; runs: string }> {
  const at = await market()
  const step = stepper(at.tenon)
  await at.publish({ id: 'echo', files: { 'src/act.ts': ECHO } })
  await step('plugin', 'install', 'acme/echo')
  await step('plugin', 'enable', 'echo')
  writeFileSync(join(at.project, 'input.json'), '{}')
  return { at, step, call: ['call', 'echo', 'act', '--input', 'input.json'], runs: join(at.project, '.runs') }
}

test('a call keeps what took part in it, once and to be read only, and is listed among the runs', async () => {
  const { step, call, runs } = await withEcho()
  await step(...call)
  const [run = ''] = readdirSync(runs)
  const path = join(runs, run, 'ids.json')
  expect(statSync(path).mode & 0o777).toBe(0o444)
  const snapshot = JSON.parse(readFileSync(path, 'utf8'))
  const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/)
  expect(snapshot).toMatchObject({
    ...{ run_id: run, purpose: 'operation', level: expect.stringMatching(/^[A-E]$/), retention_days: null },
    plugin: {
      id: 'echo',
      publisher: 'acme',
      version: '1.0.0',
      kind: 'node',
      manifest: digest,
      policy_snapshot: digest,
    },
    operations: [{ name: 'act', uid: null }],
  })
  expect(await step('runs', 'list')).toMatch(new RegExp(`${run} .* operation +echo@1.0.0`))
  expect(JSON.parse(await step('runs', 'show', run, '--json'))).toEqual(snapshot)
  await step(...call, '--stream')
  expect(readdirSync(runs)).toHaveLength(2)
})

test('a call that cannot be kept says why', async () => {
  const { at, call, runs } = await withEcho()
  rmSync(runs, { recursive: true, force: true })
  writeFileSync(runs, '')
  const { code, stdout, stderr } = await at.tenon(call)
  expect([code, stdout]).toEqual([74, ''])
  expect(stderr).toMatch(/^error RUN_RECORD_UNWRITABLE: \S+\/ids\.json cannot be written: /)
})
