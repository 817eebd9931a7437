import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { derive, probesOf, policySnapshot } from '@tenon/authoring'
import type { PluginSpec } from '@tenon/contract'
import { editSpec, policies, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()

/** A spec that says something of everything a document tells. */
function enrich(spec: PluginSpec): void {
  spec.permissions = [
    { capability: 'event:publish:plugin.demo-plugin.said', reason: 'To tell | others' },
    { capability: 'storage:kv', reason: 'To\nremember' },
    { capability: 'storage:kv:read:demo-shop', reason: 'To compare' },
  ]
  spec.events = {
    emits: [{ type: 'plugin.demo-plugin.said', version: 2, schema: 'schemas/said.json' }],
    handles: [{ type: 'plugin.other.asked' }],
  }
  spec.settings = {
    words: { type: 'string-list', label: 'Words', description: 'What to count' },
    on: { type: 'boolean-flag', label: 'On' },
  }
  spec.dataset = {
    inputs: [{ name: 'files', globs: ['**/*.csv', '*.txt'] }],
    outputs: [{ name: 'profile', globs: ['profile.json'] }],
  }
  spec.health = { check: { type: 'http', path: '/health' } }
}

async function derived(change: (spec: PluginSpec) => void, kind: 'node' | 'python' = 'node'): Promise<string> {
  const root = fresh(kind)
  editSpec(root, change)
  await derive(quickDisk, root, policies)
  return root
}

describe('README_PLUGIN.md', () => {
  test('tells what a plugin takes, gives, asks for and says', async () => {
    const root = await derived(enrich)
    await expect(read(root, 'README_PLUGIN.md')).toMatchFileSnapshot('golden/README_PLUGIN.md')
  })

  test('of a plugin that has little is short', async () => {
    const root = await derived((spec) => {
      for (const key of ['description', 'publisher', 'operations']) Reflect.deleteProperty(spec, key)
    })
    expect(
      read(root, 'README_PLUGIN.md')
        .split('\n')
        .filter((line) => line !== ''),
    ).toEqual([
      '# Demo plugin',
      expect.stringContaining('tenon plugin derive demo-plugin'),
      'Version 0.1.0. Runs as `node`.',
      '## Permissions',
      'It asks for nothing.',
      '## Notes',
      '<!-- manual:begin notes -->',
      'Nothing yet.',
      '<!-- manual:end notes -->',
    ])
  })

  test('of a plugin for datasets names the command, also where it declares no files', async () => {
    const root = await derived((spec) => (spec.dataset = {}), 'python')
    expect(read(root, 'README_PLUGIN.md')).toContain(
      'tenon run demo-plugin --dataset DIR --out DIR\n```\n\n## Permissions',
    )
  })
})

describe('healthcheck.md', () => {
  const probes = (root: string): unknown[] =>
    [...read(root, 'healthcheck.md').matchAll(/```probe\n([\s\S]*?)```/g)].map(
      ([, text = '']) => parse(text) as unknown,
    )

  test('has a probe for each operation where the spec names none, and one that loads a plugin without any', async () => {
    expect(probes(fresh())).toEqual([
      {
        id: 'echo',
        kind: 'op',
        target: 'echo',
        request: 'examples/echo_request.json',
        timeout_ms: 5000,
        fail_after: 3,
      },
    ])
    expect(probes(fresh('python'))).toEqual([
      { id: 'load', kind: 'import', target: 'demo-plugin', timeout_ms: 5000, fail_after: 3 },
    ])
  })

  test("holds the spec's probes with what they send and expect, none looser than the policy", async () => {
    const root = await derived((spec) => {
      spec.health = {
        check: { type: 'tcp' },
        probes: [
          {
            id: 'slow',
            kind: 'op',
            target: 'echo',
            request: 'examples/a.json',
            expect: 'examples/b.json',
            timeoutMs: 60_000,
            failAfter: 99,
          },
          { id: 'echo', kind: 'op', timeoutMs: 10, failAfter: 1 },
          { id: 'alive', kind: 'http', target: '/health' },
        ],
      }
    })
    expect(probes(root)).toEqual([
      {
        id: 'slow',
        kind: 'op',
        target: 'echo',
        request: 'examples/a.json',
        expect: 'examples/b.json',
        timeout_ms: 5000,
        fail_after: 3,
      },
      { id: 'echo', kind: 'op', target: 'echo', timeout_ms: 10, fail_after: 1 },
      { id: 'alive', kind: 'http', target: '/health', timeout_ms: 5000, fail_after: 3 },
    ])
    expect(read(root, 'healthcheck.md')).toContain('The host polls `tcp`.')
  })

  test('is never without a probe, under any policy or none', () => {
    const spec = JSON.parse(read(fresh(), 'plugin.spec.json')) as PluginSpec
    expect(probesOf(spec, policySnapshot({ packs: [], waivers: [] }, spec))).toHaveLength(1)
    expect(probesOf({ ...spec, operations: [] }, policySnapshot({ packs: [], waivers: [] }, spec))).toHaveLength(1)
  })
})

test('ledger_contract.json names each action that the ledger will hold of the plugin', async () => {
  const root = await derived((spec) => {
    enrich(spec)
    spec.compliance = { auditLevel: 'complete' }
  })
  const contract = JSON.parse(read(root, 'ledger_contract.json')) as {
    auditLevel: string
    entries: { action: string; target: string; capability?: string; required: string[] }[]
  }
  expect(contract.auditLevel).toBe('complete')
  expect(
    contract.entries.map(({ action, target, capability = '' }) => `${action} ${target} ${capability}`.trim()),
  ).toEqual([
    'plugin.start demo-plugin',
    'plugin.end demo-plugin',
    'operator.call demo-plugin/echo',
    'event.publish plugin.demo-plugin.said',
    'event.deliver plugin.other.asked',
    'capability.use demo-plugin event:publish:plugin.demo-plugin.said',
    'capability.use demo-plugin storage:kv',
    'capability.use demo-shop storage:kv:read:demo-shop',
    'run.end demo-plugin',
  ])
  for (const { required } of contract.entries) expect(required).toContain('traceId')
})

test('a document with a table cell that would break the table does not', async () => {
  const root = await derived(enrich)
  expect(read(root, 'README_PLUGIN.md')).toContain('| `storage:kv` | To remember |')
  write(root, 'examples/echo_request.json', '{\n  "text": "a"\n}\n')
  await derive(quickDisk, root, policies)
  expect(read(root, 'README_PLUGIN.md')).toContain('```json\n{\n  "text": "a"\n}\n```')
})
