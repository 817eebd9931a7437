import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { derive, readPack, readPolicies } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { isPolicyKey, POLICY_KEYS, type PolicyKey } from '@tenon/contract/schema'
import { temporaryFolder } from '@tenon/testkit'
import { editSpec, problemsOf, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()
const page = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8')

type Spec = Parameters<Parameters<typeof editSpec>[1]>[0]
type Change = (spec: Spec) => unknown

/** What the policy gate says, beyond what it says of a fresh plugin, of one that was changed, under these settings. */
async function refused(set: string, change: Change = () => undefined, more: Record<string, string> = {}) {
  const root = fresh()
  const policies = temporaryFolder()
  const rules = `  - id: r\n    set:\n      ${set}\n    reason: Because.\n    owner: us\n`
  write(policies, 'own/1.0.0/pack.yaml', `pack: own\nversion: 1.0.0\nreleased: 2026-01-01\nrules:\n${rules}`)
  editSpec(root, change)
  for (const [path, text] of Object.entries(more)) write(root, path, text)
  await derive(quickDisk, root, policies)
  const problems = await problemsOf(root, policies)
  for (const { code, line, file, hint } of problems) {
    expect([code, hint]).toEqual([
      'POLICY_LIMIT',
      expect.stringMatching(/^The rule "r" of own@1\.0\.0 sets \S+: Because\.$/),
    ])
    if (file === 'plugin.spec.json') expect(line).toEqual(expect.any(Number))
  }
  return problems.map(({ file, message }) => `${file} ${message}`)
}

const asks =
  (...capabilities: string[]): Change =>
  (spec) =>
    (spec.permissions = capabilities.map((capability) => ({ capability, reason: 'It needs it.' })))
const secure =
  (authenticationRequired: boolean): Change =>
  (spec) => {
    spec.contracts = ['DemoPlugin']
    spec.traits = ['audit_required']
    spec.security = { authenticationRequired, dataClassification: ['internal'] }
    for (const operation of spec.operations ?? []) operation.sensitive = true
  }
const timeout =
  (timeoutMs: number): Change =>
  (spec) => {
    for (const operation of spec.operations ?? []) operation.timeoutMs = timeoutMs
  }
const TEST = 'tests/test_echo.ts'

/** For each key: what it is set to, what breaks it and what is said of that, and what keeps to it. */
const CASES: Record<
  Exclude<PolicyKey, 'coverage.lines' | 'runs.retentionDays' | 'runtimes.allowed'>,
  { set: string; breaks: [Change, string, Record<string, string>?]; keeps: [Change, Record<string, string>?] }
> = {
  'capabilities.denied': {
    set: '{ union: ["exec:run:/bin/sh", storage:secrets] }',
    breaks: [asks('storage:kv', 'exec:run:/bin/sh'), 'plugin.spec.json "exec:run:/bin/sh" is denied'],
    keeps: [asks('storage:kv', 'exec:run:/bin/true')],
  },
  'capabilities.wildcards': {
    set: '{ deny-wins: false }',
    breaks: [asks('net:connect:*.a.org'), 'plugin.spec.json "net:connect:*.a.org" has a wildcard'],
    keeps: [asks('net:connect:a.org', 'fs:read:/data/**')],
  },
  'documents.required': {
    set: '{ union: [CHANGELOG.md, docs/use.md] }',
    breaks: [() => undefined, 'docs/use.md is missing'],
    keeps: [() => undefined, { 'docs/use.md': '# Use\n' }],
  },
  'health.failAfter': {
    set: '{ max: 3 }',
    breaks: [
      (spec) =>
        (spec.health = { probes: [{ id: 'echo', kind: 'op', request: 'examples/echo_request.json', failAfter: 4 }] }),
      'plugin.spec.json 4 is over the limit of 3',
    ],
    keeps: [
      (spec) =>
        (spec.health = { probes: [{ id: 'echo', kind: 'op', request: 'examples/echo_request.json', failAfter: 3 }] }),
    ],
  },
  'health.timeoutMs': {
    set: '{ max: 4999 }',
    breaks: [
      (spec) => (spec.health = { check: { type: 'rpc' } }),
      'plugin.spec.json the usual 5000 is over the limit of 4999',
    ],
    keeps: [
      (spec) =>
        (spec.health = {
          check: { type: 'rpc', timeoutMs: 4999 },
          probes: [{ id: 'echo', kind: 'op', request: 'examples/echo_request.json', timeoutMs: 10 }],
        }),
    ],
  },
  'isolation.requires': {
    set: '{ union: [fs, net] }',
    breaks: [(spec) => (spec.isolation = { requires: ['fs'] }), 'plugin.spec.json does not require "net"'],
    keeps: [(spec) => (spec.isolation = { requires: ['net', 'memory', 'fs'] })],
  },
  'licenses.allowed': {
    set: '{ intersection: [MIT, ISC] }',
    breaks: [() => undefined, 'plugin.spec.json "Apache-2.0" is none of "ISC", "MIT"'],
    keeps: [(spec) => (spec.license = 'MIT')],
  },
  'operation.timeoutMs': {
    set: '{ max: 1000 }',
    breaks: [timeout(1001), 'plugin.spec.json 1001 is over the limit of 1000'],
    keeps: [timeout(1000)],
  },
  'performance.p95Ms': {
    set: '{ max: 50 }',
    breaks: [
      (spec) => (spec.performance = { echo: { p95Ms: 51, maxRssMb: 1 } }),
      'plugin.spec.json 51 is over the limit of 50',
    ],
    keeps: [(spec) => (spec.performance = { echo: { p95Ms: 50, maxRssMb: 1 } })],
  },
  'probes.programs': {
    set: '{ intersection: [node] }',
    breaks: [
      (spec) => (spec.health = { probes: [{ id: 'up', kind: 'exec', target: 'sh -c true' }] }),
      'plugin.spec.json "sh" is none of "node"',
    ],
    keeps: [
      (spec) =>
        (spec.health = {
          check: { type: 'exec', command: ['node', '-v'] },
          probes: [
            { id: 'up', kind: 'exec', target: 'node -v' },
            { id: 'echo', kind: 'op', request: 'examples/echo_request.json' },
          ],
        }),
    ],
  },
  'retention.days': {
    set: '{ min: 365 }',
    breaks: [
      (spec) => (spec.compliance = { auditLevel: 'none' }),
      'plugin.spec.json "none" leaves nothing that could be kept for 365 days',
    ],
    keeps: [(spec) => (spec.compliance = { auditLevel: 'basic' })],
  },
  'sensitive.unauthenticated': {
    set: '{ deny-wins: false }',
    breaks: [secure(false), 'plugin.spec.json "echo" is sensitive, and authentication is not required'],
    keeps: [secure(true)],
  },
  'tests.negativePerOperation': {
    set: '{ min: 2 }',
    breaks: [
      () => undefined,
      `${TEST} asserts 1 time(s) that something is refused, which is under 2`,
      { [TEST]: 'assert.equal(1, 1)\nassert.rejects(one)\n' },
    ],
    keeps: [() => undefined, { [TEST]: 'assert.rejects(one)\nassert.equal(status, 404)\n' }],
  },
}

describe('the key', () => {
  test.each(Object.entries(CASES))(
    '%s refuses what breaks it and nothing else',
    async (key, { set, breaks, keeps }) => {
      const [change, message, files] = breaks
      const [harmless, fitting] = keeps
      expect(await refused(`${key}: ${set}`, harmless, fitting)).toEqual([])
      expect(await refused(`${key}: ${set}`, change, files)).toContain(message)
    },
  )

  test('runtimes.allowed refuses what is of another kind and nothing else', async () => {
    expect(await refused('runtimes.allowed: { intersection: [remote, node] }')).toEqual([])
    expect(await refused('runtimes.allowed: { intersection: [python, map] }')).toEqual([
      'plugin.spec.json "node" is none of "map", "python"',
    ])
  })

  test.each<[string, string, string]>([
    ['net:connect:api.**', 'net:connect:**.internal', 'net:connect:api.internal'],
    ['net:connect:**', 'net:connect:a.org', 'net:connect:a.org'],
    ['net:connect:*.a.org:8080', 'net:connect:b.*.org:8080', 'net:connect:b.a.org:8080'],
    ['net:connect:A.org', 'net:connect:*.ORG', 'net:connect:A.org'],
    ['fs:read:/**', 'fs:read:/etc/**', 'fs:read:/etc/**'],
    ['service:call:*/judge', 'service:call:id-mint/*', 'service:call:id-mint/judge'],
    ['event:subscribe:plugin.**.done', 'event:subscribe:**.a.*', 'event:subscribe:plugin.a.done'],
    ['event:subscribe:a.*.*', 'event:subscribe:*.*.b', 'event:subscribe:a.*.b'],
    ['event:subscribe:**.a.**.b', 'event:subscribe:**.b.**.b', 'event:subscribe:*.b.a.*.b'],
  ])('capabilities.denied refuses %s where %s is denied', async (asked, denied, common) => {
    const [told] = await refused(`capabilities.denied: { union: ["${denied}"] }`, asks(asked))
    expect(told).toBe(
      `plugin.spec.json ${asked === common ? `"${asked}" is denied` : `"${asked}" takes in "${common}", which is denied`}`,
    )
  })

  test.each<[string, string]>([
    ['net:connect:api.a.org', 'net:connect:*.org'],
    ['net:connect:*.org:8080', 'net:connect:*.org'],
    ['net:connect:a.**', 'net:connect:b.**'],
    ['fs:read:/data/**', 'fs:read:/database/**'],
    ['fs:read:/data', 'fs:write:/data'],
    ['service:call:a/*', 'service:call:b/*'],
    ['event:subscribe:**.a.**.a.**.c', 'event:subscribe:**.b.**.b.**.d'],
  ])('capabilities.denied lets pass %s where %s is denied', async (asked, denied) => {
    expect(await refused(`capabilities.denied: { union: ["${denied}"] }`, asks(asked))).toEqual([])
  })

  test('performance.p95Ms is broken by an operation that promises nothing', async () => {
    expect(await refused('performance.p95Ms: { max: 50 }')).toEqual([
      'plugin.spec.json nothing is promised, which is over the limit of 50',
    ])
  })

  test('licenses.allowed is broken by a plugin without a licence, and by every one where none is allowed', async () => {
    const change: Change = (spec) => Reflect.deleteProperty(spec, 'license')
    expect(await refused('licenses.allowed: { intersection: [] }', change)).toEqual([
      'plugin.spec.json names no licence',
    ])
    expect(await refused('licenses.allowed: { intersection: [] }')).toEqual([
      'plugin.spec.json "Apache-2.0" is none of what is allowed, which is nothing',
    ])
  })

  test('isolation.requires is broken by a plugin that requires nothing', async () => {
    expect(await refused('isolation.requires: { union: [net] }')).toEqual(['plugin.spec.json does not require "net"'])
  })

  test('probes.programs takes the first word of a command and of a probe, whatever stands around it', async () => {
    const change: Change = (spec) => {
      spec.health = {
        check: { type: 'exec', command: ['sh', '-c', 'node'] },
        probes: [{ id: 'up', kind: 'exec', target: ' node -v' }],
      }
    }
    expect(await refused('probes.programs: { intersection: [node] }', change)).toEqual([
      'plugin.spec.json "sh" is none of "node"',
    ])
  })

  test('retention.days is in the ledger contract', async () => {
    const root = fresh()
    const policies = temporaryFolder()
    const rules = '  - id: r\n    set: { retention.days: { min: 7 } }\n    reason: a\n    owner: b\n'
    write(policies, 'own/1.0.0/pack.yaml', `pack: own\nversion: 1.0.0\nreleased: 2026-01-01\nrules:\n${rules}`)
    await derive(quickDisk, root, policies)
    expect(JSON.parse(read(root, 'ledger_contract.json'))).toMatchObject({ retentionDays: 7 })
  })
})

describe('docs/policies.md', () => {
  test('lists every key with its direction and who refuses what breaks it, and says what each is about', () => {
    const rows = Object.entries(POLICY_KEYS).map(
      ([key, { direction, refusedBy }]) => `| \`${key}\` | \`${direction}\` | ${refusedBy} |`,
    )
    expect(page.split('\n').filter((line) => /^\| `\w+\.\w+` /.test(line))).toEqual(rows)
    const told = page.split('\n').flatMap((line) => (line.startsWith('- `') ? (line.split(':')[0] ?? '') : []))
    const keys = [...told.join(' ').matchAll(/`([^`]+)`/g)].flatMap(([, key = '']) => (isPolicyKey(key) ? [key] : []))
    expect(keys.toSorted()).toEqual(Object.keys(POLICY_KEYS))
  })

  test('shows a pack and a waiver that can be read', async () => {
    const shown = (kind: string): string => new RegExp(`\`\`\`yaml ${kind}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? ''
    const root = temporaryFolder()
    write(root, 'plugins/id-mint/plugin.spec.json', '')
    write(root, 'policies/house/1.0.0/pack.yaml', shown('pack'))
    write(root, 'policies/waivers/slow-mint.yaml', shown('waiver'))
    const { policies, problems } = await readPolicies(nodeDisk, join(root, 'policies'))
    expect(problems).toEqual([])
    expect([policies.packs.length, policies.waivers.length]).toEqual([1, 1])
    const layers = policies.packs.flatMap(({ rules }) => rules.map(({ layer }) => layer))
    expect(layers).toEqual(['organisation', 'domain', 'plugin'])
  })

  test('is beside an example that can be read', () => {
    const text = readFileSync(new URL('../../../examples/policy-pack.yaml', import.meta.url), 'utf8')
    expect(readPack(text, 'policy-pack.yaml').problems).toEqual([])
  })
})
