import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isUlid } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import { nodeDisk, temporaryFolder, wallWorld } from '@tenon/testkit'
import { runRecordSchema } from '@tenon/runner'
import { describe, doing, stageIn, write } from './ordered-run.ts'

const world = wallWorld()
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const rejection = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

test('a run publishes its outputs whole, and its record says what it read, wrote and cost', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const config = { write: { 'b/deep.txt': 'deep', 'a.txt': '' } }
  const { record, recordPath, target, logPath } = await stage.run({ config })
  expect(target).toBe(join(stage.out, 'acme/sample'))
  expect(readFileSync(join(target, 'b/deep.txt'), 'utf8')).toBe('deep')
  expect(record).toMatchObject({
    status: 'succeeded',
    plugin: { id: 'sample', publisher: 'acme', kind: 'python', version: '1.0.0', manifest: null },
    dataset_dir: stage.dataset,
    out_dir: stage.out,
    work_dir: null,
    dry_run: false,
    config,
    inputs: { files: 1, bytes: 8 },
    outputs: [
      {
        path: 'a.txt',
        size: 0,
        sha256: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
      { path: 'b/deep.txt', size: 4, sha256: expect.stringMatching(/^sha256:/) },
    ],
    exit: { code: 0, signal: null, reason: 'exit' },
    failure: null,
  })
  expect(record.usage?.wallMs).toBeGreaterThan(0)
  expect(Date.parse(record.ended_at ?? '')).toBeGreaterThanOrEqual(Date.parse(record.started_at))
  expect(validatorOf(runRecordSchema).problems(record)).toEqual([])
  expect([isUlid(record.run_id), read(recordPath)]).toEqual([true, record])
  expect(readdirSync(join(stage.out, '_runs'))).toEqual([`${record.run_id}.json`])
  expect(readFileSync(logPath, 'utf8')).toBe('printed by the plugin\n')
  expect(await stage.list()).toEqual([record])
})

test('the hash of the configuration is that of other runners', async () => {
  const stage = stageIn(temporaryFolder(), world)
  expect((await stage.run()).record.config_hash_sha256).toBe(
    '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  )
})

test('that a run was held back is audited', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const spin = 'until = time.time() + 3\nwhile time.time() < until: pass'
  const { record } = await stage.run({ config: doing(spin), description: describe({ resources: { cpu: 0.2 } }) })
  expect(record.status).toBe('succeeded')
  expect(stage.audit.entries.filter(({ action }) => action === 'run.throttled')).toMatchObject([
    { target: 'sample', reason: 'it used its share of 0.2 processors up' },
  ])
})

test('start, what the level lacks, and end of a run are audited', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const level = { level: 'B', means: 'x', available: true, guarantees: [], degraded: ['no memory limit'] } as const
  const { record } = await stage.run({ level: { ...level, guarantees: [], degraded: [...level.degraded] } })
  expect(record.degraded).toEqual(['no memory limit'])
  const details = { runId: record.run_id, level: 'B' }
  expect(stage.audit.entries).toEqual([
    expect.objectContaining({ action: 'run.start', target: 'sample', decision: 'allow', reason: 'running', details }),
    expect.objectContaining({ action: 'run.degraded', reason: 'no memory limit', details }),
    expect.objectContaining({ action: 'run.end', decision: 'allow', reason: 'succeeded', details }),
  ])
})

test('the dataset can only be read, the work folder is the plugin’s, and a dry run keeps nothing', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const tryWriting = [
    'done = []',
    "for name, path in [('dataset', dataset / 'new'), ('rows', dataset / 'rows.csv'), ('work', work / 'new')]:",
    "    try: open(path, 'w').close(); done.append(name)",
    '    except OSError: pass',
    "(out / 'done.json').write_text(json.dumps([done, dry_run, str(work)]))",
  ].join('\n')
  const work = join(stage.home, 'scratch')
  const { record, target } = await stage.run({ work, config: doing(tryWriting) })
  expect([record.status, record.work_dir]).toEqual(['succeeded', work])
  expect(read(join(target, 'done.json'))).toEqual([['work'], false, '/work'])
  expect([readdirSync(work), readdirSync(stage.dataset)]).toEqual([['new'], ['rows.csv']])
  expect(readFileSync(join(stage.dataset, 'rows.csv'), 'utf8')).toBe('a,b\n1,2\n')

  const out = join(stage.home, 'dry')
  const tried = await stage.run({ out, dryRun: true, work, config: doing(tryWriting) })
  expect(tried.record).toMatchObject({ status: 'succeeded', dry_run: true, outputs: [] })
  expect(readdirSync(out)).toEqual(['_runs'])
})

test('a touched file gives another fingerprint, whatever its size and time', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const fingerprint = async (out: string) =>
    (await stage.run({ out: join(stage.home, out), dryRun: true })).record.inputs
  mkdirSync(join(stage.dataset, 'sub'))
  for (const name of ['sub/x', 'a', 'z', 'k']) writeFileSync(join(stage.dataset, name), 'x')
  const before = await fingerprint('a')
  expect(await fingerprint('b')).toEqual(before)
  writeFileSync(join(stage.dataset, 'sub/x'), 'y')
  const after = await fingerprint('c')
  expect([after.files, after.bytes]).toEqual([5, 12])
  expect(after.fingerprint).not.toBe(before.fingerprint)
})

test('what the plugin raises is told, and no output of it is left', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const { record, logPath } = await stage.run({ config: doing("raise ValueError('told to fail')") })
  expect(record).toMatchObject({
    status: 'failed',
    outputs: [],
    failure: { exception: 'ValueError', message: 'told to fail' },
  })
  expect(readdirSync(stage.out)).toEqual(['_runs'])
  expect(readFileSync(logPath, 'utf8')).toContain('printed by the plugin')
  expect(stage.audit.entries.at(-1)).toMatchObject({ action: 'run.end', decision: 'allow', reason: 'failed' })
})

test('a plugin that leaves by itself has failed, whatever status it gives', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const { record } = await stage.run({ config: doing('os._exit(0)') })
  expect(record).toMatchObject({ status: 'failed', failure: null, exit: { code: 0 } })
})

test('a run that is stopped is cancelled, and whatever it had written is gone', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const stopping = new AbortController()
  const runId = world.newId()
  const running = stage.run({ runId, signal: stopping.signal, config: doing('time.sleep(600)') })
  const started = join(stage.out, '_runs', runId, 'stage/result.txt')
  while (!existsSync(started)) await world.timer(5)
  expect(read(join(stage.out, '_runs', `${runId}.json`))).toMatchObject({ status: 'running', ended_at: null })
  expect(await stage.list((id) => id === runId)).toMatchObject([{ run_id: runId, status: 'running' }])
  stopping.abort()
  const { record } = await running
  expect(record).toMatchObject({ status: 'cancelled', exit: { reason: 'killed' }, outputs: [] })
  expect(readdirSync(stage.out)).toEqual(['_runs'])
})

test('a run that is stopped before its process begins is cancelled too', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const { record } = await stage.run({ signal: AbortSignal.abort(new Error('too late')) })
  expect(record).toMatchObject({ status: 'cancelled', exit: null, failure: { message: 'too late' } })
})

test('a plugin sees nothing of what governs the workspace that it runs over', async () => {
  const stage = stageIn(temporaryFolder(), world)
  write(join(stage.workspace, '.tenon/data/storage.db'), 'secrets')
  write(join(stage.workspace, 'notes.md'), 'notes')
  const look =
    "(out / 'seen.json').write_text(json.dumps(sorted(str(p.relative_to(dataset)) for p in dataset.rglob('*'))))"
  const { target, record } = await stage.run({ dataset: stage.workspace, config: doing(look) })
  expect([record.status, record.failure]).toEqual(['succeeded', null])
  expect((read(join(target, 'seen.json')) as string[]).filter((path) => /tenon|note/.test(path))).toEqual([
    '.tenon',
    'notes.md',
  ])
})

test('a plugin without a publisher has its outputs under its own id', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const { publisher: _, ...description } = describe()
  const { target, record } = await stage.run({ description })
  expect([target, record.plugin.publisher]).toEqual([join(stage.out, 'sample'), null])
})

test('a configuration is an object that its schema allows', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const configSchema = {
    type: 'object',
    properties: { rows: { type: 'integer' }, name: { type: 'string' } },
    required: ['rows', 'name'],
  }
  await expect(stage.run({ configSchema, config: { rows: 'two', name: 3 } })).rejects.toEqual(
    expect.objectContaining({
      code: 'RUN_CONFIG_INVALID',
      message: expect.stringContaining('"/rows"'),
      problems: [expect.objectContaining({ pointer: '/rows' }), expect.objectContaining({ pointer: '/name' })],
    }),
  )
  for (const config of [[1], null, 'text', 3])
    await expect(stage.run({ config })).rejects.toEqual(rejection('RUN_CONFIG_INVALID', /must be an object/))
  expect((await stage.run({ configSchema, config: { rows: 2, name: 'x' } })).record.status).toBe('succeeded')
})

test('only a plugin of kind python runs on datasets', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const description = describe({ runtime: { kind: 'node', entry: 'src/plugin.ts' } })
  await expect(stage.run({ description })).rejects.toEqual(rejection('RUN_CONFIG_INVALID', /"sample" is of kind node/))
  expect([await nodeDisk.kind(stage.out), stage.audit.entries]).toEqual([undefined, []])
})

test('a run that cannot be started says why, and is refused', async () => {
  const stage = stageIn(temporaryFolder(), world)
  const { record } = await stage.run({ code: join(stage.home, 'nowhere') })
  expect(record).toMatchObject({ status: 'refused', exit: null, failure: { exception: 'PLUGIN_START_FAILED' } })
  expect(stage.audit.entries.at(-1)).toMatchObject({ action: 'run.end', decision: 'deny', reason: 'refused' })
})
