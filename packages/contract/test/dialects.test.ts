import { describe, expect, test } from 'vitest'
import { dialects, domainFault, readDialect } from '@tenon/contract/schema'

const host = {
  id: 'user-management',
  name: 'User Management Plugin',
  version: '1.0.0',
  description: 'Manages user profiles and extended attributes',
  contracts: ['IdentityPlugin'],
  traits: ['handles_pii', 'audit_required'],
  dependencies: [] as string[],
  allowed_domains: [] as string[],
  endpoints: { health: '/health', user_info: '/api/users/{id}' },
  security: { authentication_required: true, data_classification: ['pii', 'internal'] },
  compliance: { hipaa_controls: ['164.312(a)', '164.312(d)'], audit_level: 'detailed' },
}
const phi = { traits: ['handles_phi'], security: { authentication_required: true, data_classification: ['phi'] } }
const dataset = {
  meta: {
    api_version: 'mdivicomtools.plugin.v0.1',
    id: 'sync-audio',
    kind: 'python',
    version: '0.1.0',
    description: 'Sync.',
  },
  entry: { callable: 'mditools_sync_audio.run:run' },
}
const map = { id: 'keyword-map', version: '1.0.0', specCompat: '^0.19.0', extensions: ['ext/count.js'] }

const pointers = (dialect: keyof typeof dialects, manifest: unknown): string[] =>
  readDialect(dialect, JSON.stringify(manifest)).problems.map((problem) => problem.pointer)

describe('the mediated host', () => {
  test('its example is accepted and described', () => {
    const { description, problems } = readDialect('host', JSON.stringify(host))
    expect(problems).toEqual([])
    expect(description).toMatchObject({
      id: 'user-management',
      dialect: 'host',
      runtime: { kind: 'remote', endpoints: { user_info: '/api/users/{id}' } },
      security: { authenticationRequired: true, dataClassification: ['pii', 'internal'] },
      compliance: { hipaaControls: ['164.312(a)', '164.312(d)'], auditLevel: 'detailed' },
      original: host,
    })
  })

  test('domains become permissions, limits and health are carried over', () => {
    const { description } = readDialect(
      'host',
      JSON.stringify({
        ...host,
        traits: [...host.traits, 'external_service'],
        allowed_domains: ['api.acme.org'],
        dependencies: ['id-mint'],
        health_check: { port: 8000, path: '/health', timeout: 5, interval: 30, expected_code: 204 },
        resources: { memory_limit: 64, cpu_limit: 8 },
      }),
    )
    expect(description?.permissions?.map(({ capability }) => capability)).toEqual([
      'net:connect:api.acme.org',
      'operator:call:*/*',
      'event:publish:**',
      'event:subscribe:**',
    ])
    expect(description?.dependencies).toEqual({ 'id-mint': '*' })
    expect(description?.health).toEqual({
      check: { type: 'http', port: 8000, path: '/health', timeoutMs: 5000, intervalMs: 30_000, expectedStatus: 204 },
    })
    expect(description?.resources).toEqual({ memoryMb: 64, cpu: 8 })
  })

  test('unknown traits, unknown fields and a missing description only warn', () => {
    const { description: _gone, ...rest } = host
    const { problems, warnings } = readDialect(
      'host',
      JSON.stringify({ ...rest, traits: [...host.traits, 'novel_trait'], extra: 1 }),
    )
    expect(problems).toEqual([])
    expect(warnings.map(({ pointer }) => pointer)).toEqual(['/description', '/traits/2'])
  })

  test.each([
    [{ id: 'User' }, ['/id']],
    [{ id: undefined }, ['/id']],
    [{ id: 'a\n' }, ['/id']],
    [{ name: ' ' }, ['/name']],
    [{ version: '1.0' }, ['/version']],
    [{ version: undefined }, ['/version']],
    [{ description: 3 }, ['/description']],
    [{ contracts: [] }, ['/contracts']],
    [{ contracts: ['identity plugin'] }, ['/contracts/0']],
    [{ traits: [] }, ['/traits', '/traits']],
    [{ traits: ['handles_pii', ' Admin '] }, ['/traits/1']],
    [{ traits: ['handles_pii', 'ROOT'] }, ['/traits/1']],
    [{ traits: ['handles_pii', 'a b'] }, ['/traits/1']],
    [{ dependencies: 'x' }, ['/dependencies']],
    [{ dependencies: ['Bad'] }, ['/dependencies/0']],
    [{ dependencies: ['user-management'] }, ['/dependencies/0']],
    [{ traits: ['handles_pii', 'external_service'] }, ['/allowed_domains']],
    [{ allowed_domains: ['localhost', 'api.acme.org', '10.0.0.1'] }, ['/allowed_domains/0', '/allowed_domains/2']],
    [{ allowed_domains: 'x' }, ['/allowed_domains']],
    [{ endpoints: [] }, ['/endpoints']],
    [{ endpoints: { a: 'http://x/', b: '/../x' } }, ['/endpoints/a', '/endpoints/b']],
    [{ security: undefined }, ['/security', '/security/data_classification']],
    [
      { security: { authentication_required: false, data_classification: ['pii'] } },
      ['/security/authentication_required'],
    ],
    [
      { security: { authentication_required: true, data_classification: [] } },
      ['/security/data_classification', '/security/data_classification'],
    ],
    [
      { security: { authentication_required: true, data_classification: ['pii', 'secret'] } },
      ['/security/data_classification/1'],
    ],
    [{ traits: ['audit_required'] }, ['/traits']],
    [
      { ...phi, compliance: { hipaa_controls: [], audit_level: 'none' } },
      ['/compliance/hipaa_controls', '/compliance/audit_level'],
    ],
    [{ ...phi, compliance: undefined }, ['/compliance/hipaa_controls', '/compliance/audit_level']],
    [{ compliance: undefined }, ['/compliance']],
    [{ compliance: 1 }, ['/compliance', '/compliance']],
    [{ compliance: { audit_level: 'much' } }, ['/compliance/audit_level']],
    [{ compliance: { hipaa_controls: 'x' } }, ['/compliance/hipaa_controls']],
    [{ compliance: { hipaa_controls: ['312(a)'] } }, ['/compliance/hipaa_controls/0']],
    [{ health_check: 'x' }, ['/health_check']],
    [
      { health_check: { type: 'ping', port: 0, path: 'x' } },
      ['/health_check/type', '/health_check/port', '/health_check/path'],
    ],
    [{ resources: 1 }, ['/resources']],
    [{ resources: { memory_limit: 63, cpu_limit: '1' } }, ['/resources/memory_limit', '/resources/cpu_limit']],
    [{ resources: { memory_limit: 8193, cpu_limit: 8.1 } }, ['/resources/memory_limit', '/resources/cpu_limit']],
  ])('%j is refused at %j', (changes, expected) => {
    expect(pointers('host', { ...host, ...changes })).toEqual(expected)
  })

  test('health data with controls and auditing is accepted', () => {
    expect(
      pointers('host', {
        ...host,
        ...phi,
        compliance: { hipaa_controls: ['164.308(a)(1)(ii)(A)'], audit_level: 'basic' },
      }),
    ).toEqual([])
  })

  test('a manifest that is no object is refused', () => {
    expect(pointers('host', [])).toEqual([''])
  })

  test.each([
    'localhost',
    'a.localhost',
    'x.local',
    'x.internal',
    'host.docker.internal',
    'intranet',
    '8.8.8.8',
    '169.254.169.254',
    '2130706433',
    '127.1',
    '0x7f.0x1',
    '::1',
    '[::1]',
    'http://a.org',
    'a.org/x',
    'a.org:80',
    'u@a.org',
    '*.a.org',
    'a..org',
    '-a.org',
    'a.org\n',
    'a.org.',
    'bücher.de',
    `${'a'.repeat(64)}.org`,
    `${'a.'.repeat(130)}org`,
    'x.onion',
  ])('the domain %j is refused', (domain) => {
    expect(domainFault(domain)).toBeDefined()
  })

  test.each(['api10.acme.com', 'a.b.c.org', 'xn--bcher-kva.de', 'API.Acme.ORG', '3com.com'])(
    'the domain %s is accepted',
    (domain) => {
      expect(domainFault(domain)).toBeUndefined()
    },
  )
})

describe('the dataset contract', () => {
  test('its example is accepted and described', () => {
    const { description, problems, warnings } = readDialect('dataset', JSON.stringify(dataset))
    expect([problems, warnings]).toEqual([[], []])
    expect(description).toMatchObject({
      id: 'sync-audio',
      name: 'sync-audio',
      dialect: 'dataset',
      runtime: { kind: 'python', entryPoint: 'mditools_sync_audio.run:run' },
    })
  })

  test('inputs, outputs and a container are carried over', () => {
    const { description } = readDialect(
      'dataset',
      JSON.stringify({
        meta: {
          ...dataset.meta,
          kind: 'container',
          publisher: 'acme',
          name: 'Sync',
          homepage: 'https://a.org',
          license: 'MIT',
          inputs: [{ name: 'audio', path_globs: ['**/*.wav'] }, 3],
          outputs: [{ name: 'map', paths: ['map.json'] }],
        },
        entry: {
          container: {
            image: 'acme/sync:1',
            argv: ['--in', '{dataset}', '{dry_run}'],
            env: { A: 'b' },
            user: '1000',
            platform: 'linux/amd64',
          },
        },
      }),
    )
    expect(description).toMatchObject({
      publisher: 'acme',
      name: 'Sync',
      dataset: { inputs: [{ name: 'audio', globs: ['**/*.wav'] }], outputs: [{ name: 'map', globs: ['map.json'] }] },
      runtime: { kind: 'container', image: 'acme/sync:1', argv: ['--in', '{dataset}', '{dryRun}'], env: { A: 'b' } },
    })
  })

  test('the flat shape is accepted with a warning', () => {
    const { description, warnings } = readDialect('dataset', JSON.stringify({ ...dataset.meta, callable: 'a:b' }))
    expect(description?.runtime).toEqual({ kind: 'python', entryPoint: 'a:b' })
    expect(warnings).toHaveLength(1)
  })

  test.each([
    [42, ['']],
    [{}, ['/meta', '/meta/api_version', '/meta/id', '/meta/kind', '/meta/version', '/meta/description']],
    [
      { meta: { ...dataset.meta, api_version: 'mdivicomtools.plugin.v9' }, entry: dataset.entry },
      ['/meta/api_version'],
    ],
    [{ meta: { ...dataset.meta, id: '../../esc' }, entry: dataset.entry }, ['/meta/id']],
    [{ meta: { ...dataset.meta, publisher: 'A/B' }, entry: dataset.entry }, ['/meta/publisher']],
    [{ meta: { ...dataset.meta, publisher: 'sync-audio' }, entry: dataset.entry }, ['/meta/publisher']],
    [{ meta: dataset.meta }, ['/entry/callable']],
    [{ meta: { ...dataset.meta, kind: 'container' } }, ['/entry/container']],
    [
      { meta: { ...dataset.meta, kind: 'container' }, entry: { container: { image: '', argv: 'sh -c x' } } },
      ['/entry/container/image', '/entry/container/argv'],
    ],
  ])('%j is refused at %j', (manifest, expected) => {
    expect(pointers('dataset', manifest)).toEqual(expected)
  })
})

describe("skill-map's plugin.json", () => {
  test('a minimal one is accepted and described', () => {
    const { description, problems } = readDialect(
      'skill-map',
      JSON.stringify({ ...map, granularity: 'extension', storage: { mode: 'kv' }, homepage: 'https://a.org' }),
    )
    expect(problems).toEqual([])
    expect(description).toMatchObject({
      id: 'keyword-map',
      engines: { 'skill-map': '^0.19.0' },
      runtime: { kind: 'map', extensions: ['ext/count.js'], granularity: 'extension', mapStorage: { mode: 'kv' } },
    })
  })

  test.each([
    [[], ['']],
    [{ ...map, extension: [] }, ['/extension']],
    [{ ...map, zzzzzzzzzz: [] }, ['/zzzzzzzzzz']],
    [{ ...map, id: 'Bad' }, ['/id']],
    [{ id: 'a' }, ['/version', '/specCompat', '/extensions']],
    [{ ...map, extensions: ['../x.js', '/x.js', 'ok.js'] }, ['/extensions/0', '/extensions/1']],
    [{ ...map, license: 1, homepage: 'not a uri' }, ['/license', '/homepage']],
    [{ ...map, granularity: 'file' }, ['/granularity']],
    [{ ...map, storage: 'kv' }, ['/storage']],
    [{ ...map, storage: { mode: 'file' } }, ['/storage/mode']],
    [{ ...map, storage: { mode: 'dedicated' } }, ['/storage/tables', '/storage/migrations']],
    [{ ...map, settings: { words: { type: 'string-list' } } }, ['/settings/words/label']],
  ])('%j is refused at %j', (manifest, expected) => {
    expect(pointers('skill-map', manifest)).toEqual(expected)
  })

  test('dedicated storage with what it needs is accepted', () => {
    expect(
      pointers('skill-map', { ...map, storage: { mode: 'dedicated', tables: ['a'], migrations: ['001_a.sql'] } }),
    ).toEqual([])
  })
})

test('text that is no JSON gives its syntax problem in every dialect', () => {
  for (const name of ['host', 'dataset', 'skill-map'] as const)
    expect(readDialect(name, '{').problems).toEqual([expect.objectContaining({ code: 'JSON_SYNTAX', line: 1 })])
})

test('a problem has the line of its value', () => {
  const text = JSON.stringify({ ...map, granularity: 'file' }, null, 2)
  expect(readDialect('skill-map', text).problems[0]?.line).toBe(
    text.split('\n').findIndex((line) => line.includes('granularity')) + 1,
  )
})
