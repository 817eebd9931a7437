import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '@tenon/bundle'
import { newPlugin } from '@tenon/authoring'
import { wallWorld } from '@tenon/testkit'
import { serving, type Ended, type Surroundings } from './in-process.ts'
import { ECHO, market, type Market } from './market.ts'

const RUN = `import time


def run(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):
    print("seen by the log", flush=True)
    (out_dir / config.get("name", "summary.json")).write_text("{}")
    if config.get("fail"):
        raise ValueError("told to\\n  fail")
    if config.get("eat"):
        held = bytearray(512 * 1024 * 1024)
        for at in range(0, len(held), 4096):
            held[at] = 1
    if config.get("link"):
        (out_dir / "link").symlink_to("/etc/passwd")
    if config.get("wait"):
        time.sleep(600)
`

const SCHEMA = { type: 'object', properties: { name: { type: 'string' } } }

/** A workspace with a Python plugin that runs on datasets, and one that does not. */
async function prepared(): Promise<Market & { run(out: string, ...more: string[]): Promise<Ended> }> {
  const given = await market()
  const { root } = await newPlugin(nodeDisk, join(given.home, 'python'), '/policies', {
    ...{ id: 'counter', kind: 'python', publisher: 'acme' },
  })
  const spec = JSON.parse(readFileSync(join(root, 'plugin.spec.json'), 'utf8')) as object
  const dataset = { config: 'schemas/config.schema.json' }
  writeFileSync(join(root, 'plugin.spec.json'), JSON.stringify({ ...spec, dataset, resources: { memoryMb: 128 } }))
  mkdirSync(join(root, 'schemas'), { recursive: true })
  writeFileSync(join(root, 'schemas/config.schema.json'), JSON.stringify(SCHEMA))
  writeFileSync(join(root, 'src/counter/run.py'), RUN)
  await given.tenon(['plugin', 'derive', root])
  const { registry, tenon, home, project } = given
  const made = await tenon(['admin', 'publisher', 'acme', '--json'], { env: { TENON_TOKEN: registry.adminToken } })
  const { token } = made.json() as { token: string }
  expect((await tenon(['plugin', 'publish', root], { env: { TENON_TOKEN: token } })).stderr).toBe('')
  await given.publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  expect((await tenon(['plugin', 'install', 'acme/counter', 'acme/echoing'])).stderr).toBe('')
  mkdirSync(join(home, 'dataset'))
  writeFileSync(join(home, 'dataset/rows.csv'), 'a,b\n')
  const run = (out: string, ...more: string[]) =>
    tenon(['run', 'counter', '--dataset', '../dataset', '--out', `../${out}`, ...more], { cwd: project })
  return { ...given, run }
}

describe('runs', () => {
  let here: Awaited<ReturnType<typeof prepared>>
  beforeEach(async () => {
    here = await prepared()
  })

  test('are told with their outputs, listed and shown', async () => {
    const { run, tenon, home } = here
    expect(await tenon(['runs', 'list'])).toMatchObject({ code: 0, stdout: 'no runs\n' })
    const done = await run('out', '--work', '../work')
    expect([done.code, done.stderr]).toEqual([0, ''])
    expect(done.stdout).toMatch(
      new RegExp(
        `^run \\S{26} succeeded at level [AB]\n {2}${home}/out/acme/counter/summary.json \\(2 bytes\\)\n {2}record ${home}/out/_runs/\\S+\\.json\n$`,
      ),
    )
    writeFileSync(join(home, 'config.json'), '{ "name": "other.json" }')
    const other = await run('other', '--config', '../config.json', '--json')
    const { record, recordPath } = other.json()
    expect(record.outputs).toMatchObject([{ path: 'other.json' }])
    const behind = await run('behind', '--isolation', 'C')
    expect(behind.stdout).toMatch(/^run \S+ succeeded at level C\n/)
    rmSync(join(home, 'behind'), { recursive: true })
    const dry = await run('dry', '--dry-run')
    expect(dry.stdout).toMatch(/^run \S+ succeeded at level [AB], and kept nothing\n {2}record/)
    const listed = (await tenon(['runs', 'list', '--json'])).json() as { dry_run: boolean }[]
    expect(listed.map(({ dry_run }) => dry_run)).toEqual([true, false, false])
    expect(listed[1]).toEqual(record)
    expect((await tenon(['runs', 'list'])).stdout).toMatch(
      /^RUN +STARTED +STATUS +PLUGIN +OUT\n(\S+ +\S+ +succeeded +counter@\S+ +\S+\n){3}$/,
    )
    expect((await tenon(['runs', 'show', record.run_id])).stdout).toContain('"other.json"')
    expect((await tenon(['runs', 'show', record.run_id, '--json'])).json()).toEqual(
      JSON.parse(readFileSync(recordPath, 'utf8')),
    )
  })

  test('end with the status of what became of them', async () => {
    const { run, tenon, home } = here
    const failed = await run('failed', '--config', '{"fail": true}')
    expect([failed.code, failed.stderr]).toEqual([1, ''])
    expect(failed.stdout).toMatch(
      /^run \S+ failed: told to\\n {2}fail\n {2}record \S+\n {2}log \S+\/\.runs\/\S+\/output\.log\n$/,
    )
    expect(readFileSync(/log (\S+)/.exec(failed.stdout)?.[1] ?? '', 'utf8')).toContain('seen by the log')
    const linked = await run('linked', '--config', '{"link": true}', '--json')
    expect([linked.code, linked.json().record]).toMatchObject([78, { status: 'refused' }])
    const eaten = await run('eaten', '--config', '{"eat": true}', '--json')
    expect([eaten.code, eaten.json().record]).toMatchObject([75, { status: 'failed', exit: { reason: 'oom' } }])
    expect(['failed', 'linked', 'eaten'].map((out) => readdirSync(join(home, out)))).toEqual([
      ['_runs'],
      ['_runs'],
      ['_runs'],
    ])
    expect((await tenon(['runs', 'list', '--json'])).json()).toHaveLength(3)
  })

  test('that cannot begin have each a status of their own', async () => {
    const { run, tenon, home } = here
    const began = (plugin: string, dataset: string, out: string) =>
      tenon(['run', plugin, '--dataset', join(home, dataset), '--out', join(home, out)])
    const ends: [what: string, Ended, code: number, error: string][] = [
      ['a list as configuration', await run('a', '--config', '[1]'), 65, 'RUN_CONFIG_INVALID'],
      ['broken JSON', await run('a', '--config', '{"a": 1'), 65, 'RUN_CONFIG_INVALID'],
      ['no such file', await run('a', '--config', 'nowhere.json'), 65, 'RUN_CONFIG_INVALID'],
      ['against the schema', await run('a', '--config', '{"name": 3}'), 65, 'RUN_CONFIG_INVALID'],
      ['a node plugin', await began('echoing', 'dataset', 'a'), 65, 'RUN_CONFIG_INVALID'],
      ['no dataset', await began('counter', 'nowhere', 'a'), 66, 'RUN_INPUT_INVALID'],
      ['no plugin', await began('nobody', 'dataset', 'a'), 67, 'PLUGIN_UNKNOWN'],
      ['no run', await tenon(['runs', 'show', 'x']), 67, 'RUN_UNKNOWN'],
      ['outputs in the dataset', await run('dataset/out'), 73, 'RUN_OUT_REFUSED'],
      ['outputs below a file', await run('dataset/rows.csv/out'), 73, 'RUN_OUT_REFUSED'],
    ]
    for (const [what, { code, stderr }, expected, error] of ends)
      expect([what, code, stderr]).toEqual([what, expected, expect.stringContaining(`error ${error}: `)])
    expect(existsSync(join(home, 'a'))).toBe(false)
    writeFileSync(join(home, 'blocked'), '')
    mkdirSync(join(home, 'b'))
    writeFileSync(join(home, 'b/_runs'), '')
    expect((await run('b')).code).toBe(74)
    expect((await run('c')).code).toBe(0)
    expect((await run('c')).code).toBe(73)
  })

  test('whose code is gone, or for which there is no sandbox, say so', async () => {
    const { tenon, run, project } = here
    const noSandbox = await tenon(['run', 'counter', '--dataset', '../dataset', '--out', '../x'], {
      env: { PATH: '/nowhere' },
    })
    expect([noSandbox.code, noSandbox.stderr]).toEqual([69, expect.stringContaining('ISOLATION_UNAVAILABLE')])
    rmSync(join(project, '.tenon/store'), { recursive: true })
    const gone = await run('y')
    expect(gone.code).toBeGreaterThan(1)
  })

  test('are cancelled by a signal, here and at a host that serves', async () => {
    const { tenon, project, host, home } = here
    const interrupted = async (
      out: string,
      surroundings: Surroundings,
      name: string,
      meanwhile = async (): Promise<void> => undefined,
    ): Promise<Ended> => {
      const stopping = new AbortController()
      const running = tenon(
        ['run', 'counter', '--dataset', '../dataset', '--out', `../${out}`, '--config', '{"wait": true}'],
        { ...surroundings, signal: stopping.signal },
      )
      const records = join(home, out, '_runs')
      const world = wallWorld()
      const isUp = () =>
        existsSync(records) && readdirSync(records).some((run) => existsSync(join(records, run, 'stage/summary.json')))
      while (!isUp()) await world.timer(5)
      await meanwhile()
      stopping.abort(name)
      return running
    }
    const status = async (surroundings: Surroundings) =>
      ((await tenon(['runs', 'list', '--json'], surroundings)).json() as { status: string }[])[0]?.status
    const own = await interrupted('own', {}, 'SIGINT', async () => {
      const { code, stderr } = await tenon(['runs', 'list'])
      expect([code, stderr]).toEqual([3, expect.stringContaining(`DATA_FOLDER_OWNED: process ${process.pid} owns`)])
    })
    expect([own.code, own.stderr]).toEqual([130, 'error CALL_CANCELLED: stopped by SIGINT\n'])
    expect([await status({}), readdirSync(join(home, 'own'))]).toEqual(['cancelled', ['_runs']])

    const { adminToken } = await host()
    const env = { TENON_TOKEN: adminToken }
    expect((await interrupted('served', { env }, 'SIGTERM')).code).toBe(143)
    const world = wallWorld()
    while ((await status({ env })) === 'running') await world.timer(5)
    expect([await status({ env }), readdirSync(join(home, 'served'))]).toEqual(['cancelled', ['_runs']])
    expect(project).toContain(home)
  })

  test('end before their host does', async () => {
    const { tenon, home } = here
    const host = await serving(tenon, ['host', 'serve'])
    const env = { TENON_TOKEN: host.adminToken }
    const running = tenon(
      ['run', 'counter', '--dataset', '../dataset', '--out', '../out', '--config', '{"wait": true}'],
      { env: { ...env } },
    )
    const records = join(home, 'out/_runs')
    const world = wallWorld()
    while (
      !existsSync(records) ||
      !readdirSync(records).some((name) => existsSync(join(records, name, 'stage/summary.json')))
    )
      await world.timer(5)
    expect((await tenon(['runs', 'list', '--json'], { env })).json()).toMatchObject([{ status: 'running' }])
    await host.stop()
    expect(await running).toMatchObject({ code: 130, stdout: expect.stringMatching(/^run \S+ cancelled: /) })
    expect((await tenon(['runs', 'list', '--json'])).json()).toMatchObject([{ status: 'cancelled' }])
  })
})
