import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newPlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { expect, test } from 'vitest'
import { startPlatform } from '../harness/platform.ts'

const RUN = `"""Tries what a run must not do, and says what it got away with."""
import json
import os


def run(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):
    if config.get("fail"):
        raise ValueError("told to fail")
    done = []
    for name, path in [("dataset", dataset_dir / "new.txt"), ("rows", dataset_dir / "rows.csv"), ("outside", "/etc/x")]:
        try:
            with open(path, "w") as file:
                file.write("x")
            done.append(name)
        except OSError:
            pass
    summary = {"files": len(list(dataset_dir.iterdir())), "done": done, "environment": sorted(os.environ)}
    (out_dir / "summary.json").write_text(json.dumps(summary))
    if config.get("link"):
        (out_dir / "link").symlink_to("/etc/passwd")
`

async function prepared() {
  const platform = await startPlatform()
  const { root } = await newPlugin(nodeDisk, join(platform.home, 'plugins'), '/policies', {
    id: 'counter',
    kind: 'python',
    publisher: 'acme',
  })
  writeFileSync(join(root, 'src/counter/run.py'), RUN)
  await platform.tenon(['plugin', 'derive', root])
  expect((await platform.publish(root)).stderr).toBe('')
  await platform.install('acme/counter')
  const dataset = join(platform.home, 'dataset')
  mkdirSync(dataset)
  writeFileSync(join(dataset, 'rows.csv'), 'a,b\n1,2\n')
  const run = (out: string, ...more: string[]) =>
    platform.tenon(['run', 'counter', '--dataset', dataset, '--out', join(platform.home, out), '--json', ...more])
  return { platform, dataset, run }
}

type Run = {
  record: { status: string; failure: { exception: string } | null; outputs: { path: string }[]; level: string }
  target: string
  recordPath: string
}

test('a run reads its dataset, writes only its outputs, and leaves a record', async () => {
  const { dataset, run } = await prepared()
  const done = await run('out')
  expect([done.code, done.stderr]).toEqual([0, ''])
  const { record, target, recordPath } = done.json() as Run
  expect(record).toMatchObject({
    status: 'succeeded',
    level: expect.stringMatching(/^[AB]$/),
    outputs: [{ path: 'summary.json' }],
  })
  const summary = JSON.parse(readFileSync(join(target, 'summary.json'), 'utf8')) as {
    files: number
    done: string[]
    environment: string[]
  }
  expect([summary.files, summary.done]).toEqual([1, []])
  expect(summary.environment.filter((name) => /TENON|TOKEN/.test(name))).toEqual([])
  expect(readFileSync(join(dataset, 'rows.csv'), 'utf8')).toBe('a,b\n1,2\n')
  expect(JSON.parse(readFileSync(recordPath, 'utf8'))).toEqual(record)
})

test('what fails, is refused or is only tried leaves no output behind', async () => {
  const { platform, run } = await prepared()
  const failed = await run('failed', '--config', '{"fail": true}')
  expect([failed.code, (failed.json() as Run).record]).toEqual([
    1,
    expect.objectContaining({ status: 'failed', failure: { exception: 'ValueError', message: 'told to fail' } }),
  ])
  const linked = await run('linked', '--config', '{"link": true}')
  expect([linked.code, (linked.json() as Run).record.failure?.exception]).toEqual([78, 'RUN_OUTPUT_INVALID'])
  const tried = await run('tried', '--dry-run')
  expect([tried.code, (tried.json() as Run).record.outputs]).toEqual([0, []])
  for (const out of ['failed', 'linked', 'tried'])
    expect(await nodeDisk.list(join(platform.home, out))).toEqual(['_runs'])
})

test('a run that cannot begin says why, each with its own exit status', async () => {
  const { platform, run } = await prepared()
  const at = (dataset: string, out: string) => platform.tenon(['run', 'counter', '--dataset', dataset, '--out', out])
  expect([(await run('a', '--config', '[1]')).code, (await run('b', '--config', 'nowhere.json')).code]).toEqual([
    65, 65,
  ])
  expect((await at(join(platform.home, 'nowhere'), join(platform.home, 'c'))).code).toBe(66)
  expect((await at(platform.home, join(platform.home, 'd'))).code).toBe(73)
  expect((await run('e')).code).toBe(0)
  expect((await run('e')).code).toBe(73)
  expect((await platform.tenon(['run', 'nobody', '--dataset', platform.home, '--out', '/tmp/x'])).code).toBe(67)
})
