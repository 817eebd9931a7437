import { describe, expect, test } from 'vitest'
import { describeSpec, readSpec } from '@tenon/contract/schema'

const minimal = {
  specVersion: 1,
  id: 'demo',
  name: 'Demo',
  version: '1.0.0',
  runtime: { kind: 'node', entry: 'src/plugin.ts' },
}
const problemsOf = (changes: object): [string, string, string?][] =>
  readSpec(JSON.stringify({ ...minimal, ...changes })).problems.map(({ pointer, code, hint }) =>
    hint === undefined ? [pointer, code] : [pointer, code, hint],
  )

describe('a spec', () => {
  test('with what is required is valid', () => {
    expect(readSpec(JSON.stringify(minimal)).value).toEqual(minimal)
  })

  test('may carry x- keys anywhere', () => {
    expect(problemsOf({ 'x-team': 1, runtime: { ...minimal.runtime, 'x-a': 2 } })).toEqual([])
  })

  test('becomes a description without its envelope', () => {
    const reading = readSpec(JSON.stringify(minimal))
    if (reading.value === undefined) throw new Error('must be valid')
    expect(describeSpec(reading.value)).toMatchObject({ id: 'demo', dialect: 'tenon', original: minimal })
    expect(describeSpec(reading.value)).not.toHaveProperty('specVersion')
  })

  test('a misspelt key is an error that says what was meant', () => {
    expect(problemsOf({ permision: [] })).toEqual([['/permision', 'SCHEMA_UNKNOWN_KEY', 'Did you mean "permissions"?']])
  })

  test('every problem is reported at once, each with its line', () => {
    const text = '{\n "specVersion": 2,\n "id": "Bad_Id",\n "name": "x",\n "runtime": {"kind":"node","entry":"../x"}\n}'
    expect(
      readSpec(text)
        .problems.map(({ pointer, line }) => [pointer, line])
        .toSorted(),
    ).toEqual([
      ['/id', 3],
      ['/runtime/entry', 5],
      ['/specVersion', 2],
      ['/version', 1],
    ])
  })

  test('of an unknown runtime the choice is named', () => {
    const [problem] = readSpec(JSON.stringify({ ...minimal, runtime: { kind: 'nod', entry: 'a' } })).problems
    expect(problem).toMatchObject({ pointer: '/runtime/kind', hint: 'Did you mean "node"?' })
    expect(problem?.message).toContain('"python"')
  })

  test('of a known runtime only its own branch speaks', () => {
    expect(problemsOf({ runtime: { kind: 'python', entry: 'a' } }).map(([pointer]) => pointer)).toEqual([
      '/runtime/entryPoint',
      '/runtime/entry',
    ])
  })

  test.each(['1', '1.0', 'v1.0.0', '01.0.0', '1.0.0-', '1.0.0-01', '1.0.0+'])(
    'the version %s is refused',
    (version) => {
      expect(problemsOf({ version })).toEqual([['/version', 'SCHEMA_PATTERN']])
    },
  )

  test.each(['1.0.0', '0.0.0-alpha.1+build.5', '10.20.30-x-y-z.0'])('the version %s is accepted', (version) => {
    expect(problemsOf({ version })).toEqual([])
  })

  test.each([
    [{ operations: [op('a'), op('a')] }, '/operations/1', 'SPEC_DUPLICATE'],
    [{ events: { handles: [{ type: 'a.b' }, { type: 'a.b' }] } }, '/events/handles/1', 'SPEC_DUPLICATE'],
    [emitting(1, 1), '/events/emits/1', 'SPEC_DUPLICATE'],
    [emitting(1, 2), '/events/emits/1', 'SPEC_DUPLICATE'],
    [{ events: { handles: [{ type: 'a b' }] } }, '/events/handles/0/type', 'SCHEMA_PATTERN'],
    [{ health: { probes: [http('a'), http('a')] } }, '/health/probes/1', 'SPEC_DUPLICATE'],
    [{ health: { probes: [{ id: 'a', kind: 'http' }] } }, '/health/probes/0', 'SPEC_PROBE_TARGET'],
    [{ health: { probes: [{ id: 'a', kind: 'exec', target: 'bin/x -v' }] } }, '/health/probes/0', 'SPEC_PROBE_TARGET'],
    [{ health: { probes: [{ id: 'a', kind: 'exec', target: './x' }] } }, '/health/probes/0', 'SPEC_PROBE_TARGET'],
    [{ health: { probes: [{ id: 'a', kind: 'op' }] } }, '/health/probes/0', 'SPEC_UNKNOWN_OPERATION'],
    [
      { health: { probes: [{ id: 'a', kind: 'op', target: 'b' }] }, operations: [op('a')] },
      '/health/probes/0',
      'SPEC_UNKNOWN_OPERATION',
    ],
    [
      { services: { provides: [service('a'), service('a')] }, permissions: [permission('service:provide:a')] },
      '/services/provides/1',
      'SPEC_DUPLICATE',
    ],
    [{ services: { provides: [service('a')] } }, '/services/provides/0/name', 'SPEC_SERVICE_UNASKED'],
    [
      { services: { consumes: ['a/b', 'a/c'] }, permissions: [permission('service:call:*/b')] },
      '/services/consumes/1',
      'SPEC_SERVICE_UNASKED',
    ],
    [{ services: { consumes: ['a'] }, permissions: [] }, '/services/consumes/0', 'SCHEMA_PATTERN'],
    [
      { runtime: { kind: 'map', extensions: ['a.js'], mapStorage: { mode: 'kv' } } },
      '/runtime/mapStorage',
      'SPEC_STORAGE_UNASKED',
    ],
    [{ dependencies: { demo: '*' } }, '/dependencies/demo', 'SPEC_NAMES_ITSELF'],
    [{ conflicts: { 'acme/demo': '*' } }, '/conflicts/acme~1demo', 'SPEC_NAMES_ITSELF'],
    [
      { runtime: { kind: 'container', image: 'i', argv: ['a'], env: { 'A=B': 'c' } } },
      '/runtime/env/A=B',
      'SCHEMA_UNKNOWN_KEY',
    ],
    [{ runtime: { kind: 'remote', endpoints: { '1': '/a' } } }, '/runtime/endpoints/1', 'SCHEMA_UNKNOWN_KEY'],
    [{ permissions: [{ capability: 'fs:eat:/x', reason: 'r' }] }, '/permissions/0/capability', 'SPEC_CAPABILITY'],
    [{ operations: [{ ...op('a'), requires: ['storage:kv'] }] }, '/operations/0/requires/0', 'SPEC_REQUIRES_UNASKED'],
    [{ events: { emits: [emits('plugin.demo.x')] } }, '/events/emits/0/type', 'SPEC_EMITS_UNASKED'],
    [{ events: { emits: [emits('UserCreated')] } }, '/events/emits/0/type', 'SPEC_EMITS_UNASKED'],
    [{ performance: { mnt: { p95Ms: 1 } }, operations: [op('mint')] }, '/performance/mnt', 'SPEC_UNKNOWN_OPERATION'],
    [
      { performance: { zzzzzzz: { p95Ms: 1 } }, operations: [op('mint')] },
      '/performance/zzzzzzz',
      'SPEC_UNKNOWN_OPERATION',
    ],
    [{ engines: { tennon: '*' } }, '/engines/tennon', 'SPEC_UNKNOWN_ENGINE'],
    [{ contracts: ['IdentityPlugin'], traits: ['audit_required'] }, '/security', 'SPEC_HOST_NEEDS'],
  ])('%j is refused at %s', (changes, pointer, code) => {
    expect(problemsOf(changes).map(([at, what]) => [at, what])).toEqual([[pointer, code]])
  })

  test('its probes may name an operation by their id, load it, or ask it over HTTP', () => {
    const probes = [{ id: 'mint', kind: 'op' }, http('alive'), { id: 'load', kind: 'import' }]
    expect(problemsOf({ health: { probes }, operations: [op('mint')] })).toEqual([])
  })

  test('what it emits with a permission is accepted', () => {
    const permissions = [
      { capability: 'event:publish:plugin.demo.*', reason: 'r' },
      { capability: 'nonsense', reason: 'r' },
    ]
    expect(problemsOf({ permissions, events: { emits: [emits('plugin.demo.x')] } }).map(([at]) => at)).toEqual([
      '/permissions/1/capability',
    ])
  })
})

function op(name: string): object {
  return { name, summary: 's', input: true, output: true }
}

function http(id: string): object {
  return { id, kind: 'http', target: '/health' }
}

const emitting = (...versions: number[]) => ({
  events: { emits: versions.map((version) => ({ type: 'plugin.demo.said', version, schema: 'schemas/said.json' })) },
  permissions: [permission('event:publish:plugin.demo.said')],
})
const permission = (capability: string): object => ({ capability, reason: 'r' })

function service(name: string): object {
  return { name, request: 'a.json', response: 'b.json', throttle: { perSecond: 1, burst: 1 } }
}

function emits(type: string): object {
  return { type, version: 1, schema: 'schemas/x.json' }
}
