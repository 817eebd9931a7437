import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { killingDisk, nodeDisk, temporaryFolder, wallWorld } from '@tenon/testkit'
import { stageIn, write, type Stage } from './ordered-run.ts'

const world = wallWorld()

test('a run whose process was killed was lost, and its record is from before it began', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const script = fileURLToPath(new URL('./running-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, stage.home], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const exited = once(child, 'exit')
  const records = join(stage.out, '_runs')
  const begun = (): string | undefined =>
    existsSync(records)
      ? readdirSync(records).find((name) => existsSync(join(records, name, 'stage/result.txt')))
      : undefined
  while (begun() === undefined && child.exitCode === null) await world.timer(5)
  const runId = begun() ?? ''
  child.kill('SIGKILL')
  await exited
  const [record, ...more] = await stage.list()
  expect([record?.run_id, record?.status, more]).toEqual([runId, 'lost', []])
  expect(JSON.parse(readFileSync(join(records, `${runId}.json`), 'utf8'))).toEqual({ ...record, status: 'running' })
  expect(await nodeDisk.kind(join(stage.out, 'acme/sample'))).toBeUndefined()
  expect((await stage.run()).record.status).toBe('succeeded')
  expect((await stage.list()).map(({ status }) => status)).toEqual(['succeeded', 'lost'])
})

test('a kill at any step leaves all outputs or none, and never half a record', async () => {
  const config = { write: { 'a/one.txt': '1', 'two.txt': '2' } }
  const counting = killingDisk(nodeDisk, Number.MAX_SAFE_INTEGER)
  await stageIn(temporaryFolder(), world).run({ disk: counting, config })
  const seen = new Set<string>()
  for (let killAt = 0; killAt < counting.steps(); killAt += 1) {
    const stage = stageIn(temporaryFolder(), world)
    await expect(stage.run({ disk: killingDisk(nodeDisk, killAt), config })).rejects.toThrow(/kill/)
    const listed = await stage.list()
    const target = join(stage.out, 'acme/sample')
    const published = existsSync(target) ? readdirSync(target, { recursive: true }).sort() : []
    expect([[], ['a', 'a/one.txt', 'two.txt']]).toContainEqual(published)
    seen.add(`${listed.map(({ status }) => status).join()} ${published.length > 0 ? 'published' : 'nothing'}`)
  }
  expect([...seen]).toEqual([' nothing', 'lost nothing', 'lost published', 'succeeded published'])
}, 120_000)

test('what is no record of a run is not listed', async () => {
  const stage = stageIn(temporaryFolder(), world)
  expect(await stage.list()).toEqual([])
  const { record, recordPath } = await stage.run()
  const snapshot = snapshotOf(stage, record.run_id)
  const point = (name: string, to: object | string) =>
    write(join(stage.workspace, '.runs', name, 'ids.json'), typeof to === 'string' ? to : JSON.stringify(to))
  const at = (name: string, path: string): void => point(name, { ...snapshot, run_id: name, record: path })
  point('A', '{ no json')
  point('B', { record: 3 })
  at('01KAZM3Q4V8T2X6Y0C5R7B0001', join(stage.home, 'nowhere'))
  at('01KAZM3Q4V8T2X6Y0C5R7B0002', join(stage.dataset, 'rows.csv'))
  point('01KAZM3Q4V8T2X6Y0C5R7B0003', snapshot)
  write(join(stage.workspace, '.runs/E'), 'a file')
  expect(await stage.list()).toEqual([record])
  writeFileSync(recordPath, JSON.stringify({ ...record, status: 'odd' }))
  expect(await stage.list()).toEqual([])
})

test('a record that is no file is not read, as it may have no end', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const pipe = join(stage.home, 'pipe')
  execFileSync('mkfifo', [pipe])
  const writing = openSync(pipe, 'r+')
  onTestFinished(() => closeSync(writing))
  const { record } = await stage.run()
  const runId = '01KAZM3Q4V8T2X6Y0C5R7B0001'
  const pointing = { ...snapshotOf(stage, record.run_id), run_id: runId, record: pipe }
  write(join(stage.workspace, '.runs', runId, 'ids.json'), JSON.stringify(pointing))
  expect(await stage.list()).toEqual([record])
}, 15_000)

const snapshotOf = (stage: Stage, runId: string): object =>
  JSON.parse(readFileSync(join(stage.workspace, '.runs', runId, 'ids.json'), 'utf8')) as object
