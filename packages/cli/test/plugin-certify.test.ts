import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { NAME, scaffolded, SCENARIOS, written } from './certified-plugin.ts'
import { FEATURE, feature, made, scenario } from './tested-plugin.ts'

test.each(Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[])(
  'a new plugin of kind %s with a scenario is certified, and verified from its files alone',
  async (kind) => {
    const plugin = await scaffolded(kind)
    const { code, stdout, stderr } = await plugin.tenon(['plugin', 'certify', 'demo'], { isTerminal: true })
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^ok {3}start \(2 checked\)$[^]*^certified demo@0\.1\.0/m),
    ])
    expect(stderr).toMatch(/^start …\ntypes …\nlint …\nunit …\nbehavior …\n/)
    const { predicate, verify, path } = written(plugin)
    const gates = Object.fromEntries(predicate().gates.map((one: Parsed) => [one.gate, one]))
    expect(gates).toMatchObject({
      spec: { verdict: 'pass', checked: 1, problems: 0 },
      start: { verdict: 'pass', checked: 2 },
      unit: { verdict: 'pass', checked: expect.any(Number) },
      behavior: { verdict: 'pass', checked: kind === 'python' ? 2 : 1 },
      perf: { verdict: 'pass', checked: 0, idle: 'no budget' },
      ledger: { verdict: 'pass', checked: 0, idle: 'it lies in no repository' },
    })
    const report = JSON.parse(readFileSync(path('report.json'), 'utf8'))
    expect(report).toMatchObject({ verdict: 'pass', level: predicate().level, policy: predicate().policy })
    const { run } = report.measured
    expect(existsSync(join(plugin.home, '.local/share/tenon/workspace/.runs', run.id, 'ids.json'))).toBe(true)
    const verified = await verify()
    expect([verified.code, verified.json()]).toMatchObject([
      0,
      { ok: true, plugin: 'demo', signer: { source: 'this machine', trusted: false }, report: 'present' },
    ])
  },
)

test('two certifications of the same files differ in what was measured alone', async () => {
  const { home, tenon } = await scaffolded()
  const certified = async (out: string): Promise<{ report: Parsed; archive: Buffer }> => {
    expect((await tenon(['plugin', 'certify', 'demo', '--out', out])).code).toBe(0)
    const at = (suffix: string): string => join(home, out, `demo-0.1.0.${suffix}`)
    return { report: JSON.parse(readFileSync(at('report.json'), 'utf8')), archive: readFileSync(at('tgz')) }
  }
  const [first, second] = [await certified('one'), await certified('two')]
  expect(second.archive.equals(first.archive)).toBe(true)
  expect(second.report.measured.run.id).not.toBe(first.report.measured.run.id)
  expect({ ...second.report, measured: null }).toEqual({ ...first.report, measured: null })
})

test('what fails a gate gets a report with every problem, and no statement, also where there was one', async () => {
  const plugin = await scaffolded()
  const { tenon, write } = plugin
  const { path } = written(plugin)
  expect((await tenon(['plugin', 'certify', 'demo'])).code).toBe(0)
  write({
    [FEATURE]: feature(scenario('Another', 'When echo is given {"text":"a"}', 'Then it answers {"text":"b"}')),
    'src/echo.ts': 'export const echo = () => { throw new Error("out of order") }\n',
  })
  const { code, json } = await tenon(['plugin', 'certify', 'demo', '--json'])
  expect([code, json().report.verdict, json().report.manifest]).toEqual([1, 'fail', null])
  const failed = json().report.gates.filter(({ verdict }: Parsed) => verdict === 'fail')
  expect(failed.map(({ gate, problems }: Parsed) => [gate, problems[0].code])).toEqual([
    ['checksums', 'CHECKSUM_MISMATCH'],
    ['start', 'PROBE_FAILED'],
    ['unit', 'UNIT_FAILED'],
    ['behavior', 'BEHAVIOR_FAILED'],
  ])
  expect(failed[1].problems[0]).toMatchObject({ file: 'healthcheck.md', line: 10 })
  expect(JSON.parse(readFileSync(path('report.json'), 'utf8'))).toEqual(json().report)
  expect([existsSync(path('dsse.json')), existsSync(path('tgz'))]).toEqual([false, false])
  write({ 'src/echo.ts': 'export const echo = (\n' })
  const unbuilt = (await tenon(['plugin', 'certify', 'demo', '--json'])).json()
  const { problems } = unbuilt.report.gates.find(({ gate }: Parsed) => gate === 'start')
  expect(problems).toMatchObject([{ code: 'SPEC_INVALID', message: expect.stringContaining('cannot be bundled') }])
})

test('what a gate cannot tell is signed only by who accepts it, and taken only by who accepts it', async () => {
  const plugin = await scaffolded()
  const { tenon, write } = plugin
  const { path, verify } = written(plugin)
  const method = { trials: 5, baseline: 'merge-base', max_regression_pct: 20, noise_floor_ms: 1 }
  write({ 'conformance/perf/echo.perf.json': { warmup: 1, iterations: 5, concurrency: 1, slo: {}, method } })
  expect((await tenon(['plugin', 'derive', 'demo'])).code).toBe(0)
  const { code, stdout } = await tenon(['plugin', 'certify', 'demo'])
  expect([code, stdout]).toEqual([4, expect.stringContaining('?    perf (1 checked)')])
  expect([existsSync(path('report.json')), existsSync(path('dsse.json'))]).toEqual([true, false])
  expect((await tenon(['plugin', 'certify', 'demo', '--accept-inconclusive'])).code).toBe(0)
  const verified = await verify()
  expect([verified.code, verified.json().gates]).toMatchObject([
    1,
    [{ code: 'ATTESTATION_MISSING', file: 'demo-0.1.0.dsse.json', message: expect.stringContaining('inconclusive') }],
  ])
  expect((await verify('--accept-inconclusive')).code).toBe(0)
})

const PROBED = {
  'src/check.mjs': `import { existsSync, readFileSync } from 'node:fs'
if (existsSync('/etc/passwd')) throw new Error('it sees the machine')
const { id } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
console.log(JSON.stringify({ id, more: true }))
if (process.argv[3] === 'fail') throw new Error('out of order')
`,
  'examples/checked.json': { id: 'demo' },
}

test('programs and records are asked in the sandbox, as the other probes are', async () => {
  const plugin = await scaffolded()
  const { root, tenon, write } = plugin
  const certifiedWith = async (...probes: object[]): Promise<Parsed> => {
    const spec = JSON.parse(readFileSync(join(root, 'plugin.spec.json'), 'utf8')) as object
    write({ ...PROBED, 'plugin.spec.json': { ...spec, health: { probes } } })
    expect((await tenon(['plugin', 'derive', 'demo'])).code).toBe(0)
    const { json } = await tenon(['plugin', 'certify', 'demo', '--json'])
    return json().report.gates.find(({ gate }: Parsed) => gate === 'start')
  }
  const recorded = { id: 'recorded', kind: 'ledger' }
  const calls = { id: 'calls', kind: 'ledger', target: 'operator.call' }
  const echo = { id: 'echo', kind: 'op', request: 'examples/echo_request.json' }
  const target = 'node src/check.mjs plugin.spec.json'
  const program = { id: 'program', kind: 'exec', target, expect: 'examples/checked.json' }
  expect(await certifiedWith(recorded, calls, echo, program)).toMatchObject({
    verdict: 'pass',
    checked: 5,
    problems: [],
  })
  const failing = [
    { ...program, id: 'status', target: `${target} fail` },
    { ...program, id: 'other', expect: 'examples/echo_request.json' },
    { ...program, id: 'unknown', target: 'nobody-has-this' },
    calls,
  ]
  const { verdict, problems } = await certifiedWith(...failing.map((one) => ({ ...one, failAfter: 1 })))
  expect([verdict, problems.map(({ message }: Parsed) => message)]).toEqual([
    'fail',
    [
      expect.stringMatching(/^"status" fails 1 time\(s\) in a row: PLUGIN_UNHEALTHY: .*exit status 1[^]*out of order/),
      expect.stringMatching(/^"other" fails .*text/),
      expect.stringMatching(/^"unknown" fails .*COMMAND_UNKNOWN/),
      '"calls" fails 1 time(s) in a row: the ledger has no entry of operator.call',
    ],
  ])
})

test('a server answers probes over HTTP, and what has none fails them', async () => {
  const startOf = async (kind: string, ...targets: string[]): Promise<Parsed> => {
    const { root, tenon, write } = await made(kind)
    const spec = JSON.parse(readFileSync(join(root, 'plugin.spec.json'), 'utf8')) as object
    const probes = targets.map((target, at) => ({ id: `at${at}`, kind: 'http', target, failAfter: 1 }))
    write({ 'plugin.spec.json': { ...spec, health: { probes } } })
    expect((await tenon(['plugin', 'derive', 'demo'])).code).toBe(0)
    const { report } = (await tenon(['plugin', 'certify', 'demo', '--json'])).json()
    return report.gates.find(({ gate }: Parsed) => gate === 'start')
  }
  expect(await startOf('remote', '/health', '/nowhere')).toMatchObject({
    problems: [{ code: 'PROBE_FAILED', message: expect.stringContaining('/nowhere answers 404') }],
  })
  expect(await startOf('node', '/health')).toMatchObject({
    problems: [{ code: 'PROBE_FAILED', message: expect.stringContaining('it has no server that could be asked') }],
  })
})

test('what cannot be certified at all is refused before anything is written', async () => {
  const { home, tenon, write } = await scaffolded()
  expect(await tenon(['plugin', 'certify', 'nobody'])).toMatchObject({ code: 5 })
  expect(await tenon(['plugin', 'certify', 'demo', '--key', 'nothing.pem'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the key file nothing.pem cannot be read'),
  })
  write({ 'plugin.spec.json': '{"specVersion": 1}' })
  expect((await tenon(['plugin', 'certify', 'demo'])).stderr).toContain('SPEC_INVALID')
  expect(existsSync(join(home, `${NAME}.report.json`))).toBe(false)
})
