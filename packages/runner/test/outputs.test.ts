import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { describe, doing, stageIn } from './ordered-run.ts'

const world = wallWorld()

test.each([
  ['a link out', "(out / 'x').symlink_to('/etc/passwd')", 'x'],
  ['a link inside', "(out / 'x').symlink_to('result.txt')", 'x'],
  ['a link to a folder', "(out / 'x').symlink_to('.')", 'x'],
  ['a hard link', "os.link(out / 'result.txt', out / 'x')", 'result.txt'],
  ['a pipe', "(out / 'sub').mkdir(); os.mkfifo(out / 'sub/x')", 'sub/x'],
  ['a socket', "import socket; socket.socket(socket.AF_UNIX).bind(str(out / 'x'))", 'x'],
])('%s does not come out', async (_, statement, path) => {
  const stage = stageIn(temporaryFolder(), world)
  const { record } = await stage.run({ config: doing(statement) })
  expect(record).toMatchObject({
    status: 'refused',
    outputs: [],
    failure: { exception: 'RUN_OUTPUT_INVALID', message: expect.stringContaining(`the output ${path} `) },
  })
  expect(readdirSync(stage.out)).toEqual(['_runs'])
  expect(readdirSync(join(stage.out, '_runs'))).toEqual([`${record.run_id}.json`])
})

test('a dry run is looked at as strictly', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const { record } = await stage.run({ dryRun: true, config: doing("(out / 'x').symlink_to('/etc/passwd')") })
  expect(record.status).toBe('refused')
})

test('an output that is always written must be there', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const outputs = [
    { name: 'optional', globs: ['nowhere/**'] },
    { name: 'table', globs: ['*.csv', 'tables/**/*.csv'], required: true },
  ]
  const description = describe({ dataset: { outputs } })
  const missing = await stage.run({ description })
  expect(missing.record).toMatchObject({
    status: 'refused',
    exit: { reason: 'exit' },
    failure: { exception: 'RUN_OUTPUT_INVALID', message: expect.stringContaining('"table" (*.csv, tables/**/*.csv)') },
  })
  const config = { write: { 'tables/a/b.csv': 'x' } }
  expect((await stage.run({ description, config })).record.status).toBe('succeeded')
})
