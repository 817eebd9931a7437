import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  derive,
  newPlugin,
  packPlugin,
  policiesFor,
  SCAFFOLD_KINDS,
  validatePlugin,
  writePacked,
  type ScaffoldKind,
} from '@tenon/authoring'
import { newSigningKey, nodeDisk, openBundle, readArchive, verifyEnvelope } from '@tenon/bundle'
import { temporaryFolder } from '@tenon/testkit'

const policies = fileURLToPath(new URL('../../../policies', import.meta.url))
const scaffold = (kind: ScaffoldKind = 'node', id = 'demo-plugin', parent = temporaryFolder()) =>
  newPlugin(nodeDisk, parent, policies, { id, kind, publisher: 'acme' })
const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8')
const edit = (root: string, path: string, change: (text: string) => string): void =>
  writeFileSync(join(root, path), change(read(root, path)))
const editSpec = (root: string, change: (spec: Record<string, unknown>) => void): void =>
  edit(root, 'plugin.spec.json', (text) => {
    const spec = JSON.parse(text) as Record<string, unknown>
    change(spec)
    return JSON.stringify(spec)
  })
const problemsOf = async (root: string): Promise<string[]> =>
  (await validatePlugin(nodeDisk, root, policies)).problems.map(({ message }) => message)
const DERIVED = ['manifest.json', 'ledger_contract.json', 'policy_snapshot.json', 'README_PLUGIN.md', 'healthcheck.md']

describe('a new plugin', () => {
  test.each(SCAFFOLD_KINDS)('of kind %s validates at once', async (kind) => {
    const { root, files } = await scaffold(kind)
    expect(await problemsOf(root)).toEqual([])
    expect(files).toEqual(expect.arrayContaining([...DERIVED, 'plugin.spec.json', 'CHANGELOG.md']))
  })

  test('never overwrites a folder', async () => {
    const parent = temporaryFolder()
    await scaffold('node', 'demo-plugin', parent)
    await expect(scaffold('node', 'demo-plugin', parent)).rejects.toThrow(
      expect.objectContaining({ code: 'PLUGIN_EXISTS' }),
    )
  })

  test('with a malformed id is refused', async () => {
    await expect(scaffold('node', 'Demo')).rejects.toThrow(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
  })
})

describe('derived files', () => {
  test('of two different specs all differ', async () => {
    const [first, second] = [await scaffold('node', 'first-plugin'), await scaffold('node', 'second-plugin')]
    editSpec(second.root, (spec) => {
      spec['contracts'] = ['IdentityPlugin']
      spec['traits'] = ['handles_pii']
      spec['security'] = { authenticationRequired: true, dataClassification: ['pii'] }
    })
    await derive(nodeDisk, second.root, policies)
    for (const path of DERIVED) expect(read(first.root, path), path).not.toBe(read(second.root, path))
  })

  test('are the same bytes wherever and however often they are derived', async () => {
    const { root } = await scaffold()
    const before = DERIVED.map((path) => read(root, path))
    expect(await derive(nodeDisk, root, policies)).toEqual([])
    for (const path of DERIVED) rmSync(join(root, path))
    expect((await derive(nodeDisk, root, policies)).toSorted()).toEqual(DERIVED.toSorted())
    expect(DERIVED.map((path) => read(root, path))).toEqual(before)
  })

  test('each value of the policy snapshot names its pack and line', async () => {
    const { root } = await scaffold()
    editSpec(root, (spec) => {
      spec['contracts'] = ['IdentityPlugin']
      spec['traits'] = ['handles_pii']
      spec['security'] = { authenticationRequired: true, dataClassification: ['pii'] }
    })
    await derive(nodeDisk, root, policies)
    const { values } = JSON.parse(read(root, 'policy_snapshot.json')) as {
      values: Record<string, { pack: string; line: number; value: number; overridden: object[] }>
    }
    const lineOf = (pack: string, line: number): string =>
      readFileSync(join(policies, pack.replace('@', '/'), 'pack.yaml'), 'utf8').split('\n')[line - 1] ?? ''
    expect(Object.keys(values).length).toBeGreaterThan(4)
    for (const [key, { pack, line, value }] of Object.entries(values))
      expect(lineOf(pack, line)).toMatch(new RegExp(`${key}.*: ${value} `))
    expect(values['health.timeoutMs']).toMatchObject({
      pack: 'personal-data@1.0.0',
      value: 2000,
      overridden: [expect.objectContaining({ pack: 'base@1.0.0', value: 5000 })],
    })
  })

  test('that were edited are drift, and what a person wrote in a manual section is kept', async () => {
    const { root } = await scaffold()
    edit(root, 'README_PLUGIN.md', (text) => text.replace('Nothing yet.', 'By hand.'))
    expect(await problemsOf(root)).toEqual([expect.stringContaining('manifest.json differs')])
    await derive(nodeDisk, root, policies)
    expect(read(root, 'README_PLUGIN.md')).toContain('By hand.')
    edit(root, 'README_PLUGIN.md', (text) => text.replace('# Demo', '# Dema'))
    expect(await problemsOf(root)).toEqual([expect.stringContaining('README_PLUGIN.md differs at line 1')])
  })

  test('a probe is never looser than the policy', async () => {
    const { root } = await scaffold()
    editSpec(root, (spec) => {
      spec['health'] = { probes: [{ id: 'slow', kind: 'op', target: 'echo', timeoutMs: 60_000, failAfter: 99 }] }
    })
    await derive(nodeDisk, root, policies)
    expect(read(root, 'healthcheck.md')).toContain('timeout_ms: 5000\nfail_after: 3')
  })
})

describe('fences', () => {
  test('follow the spec and leave the rest of the file alone', async () => {
    const { root } = await scaffold()
    edit(root, 'src/plugin.ts', (text) => `// mine above\n${text}// mine below\n`)
    editSpec(root, (spec) =>
      (spec['operations'] as object[]).push({ name: 'say_twice', summary: 's', input: false, output: false }),
    )
    await derive(nodeDisk, root, policies)
    const text = read(root, 'src/plugin.ts')
    expect(text).toContain("import { sayTwice } from './say_twice.ts'")
    expect(text).toContain('operations: { echo, say_twice: sayTwice }')
    expect(text.startsWith('// mine above\n')).toBe(true)
    expect(text.endsWith('// mine below\n')).toBe(true)
  })

  test.each([
    ['an edit inside', (text: string) => text.replace('operations: {', 'operations:  {'), 'edited by hand'],
    ['a lost end', (text: string) => text.replace(/.*auto:end.*\n/, ''), 'does not end'],
    ['a lost beginning', (text: string) => text.replace(/.*auto:begin.*\n/, ''), 'did not begin'],
    ['a malformed line', (text: string) => text.replace('gen=node@1 ', ''), 'malformed'],
    ['a nested fence', (text: string) => text.replace(/(.*auto:begin.*\n)/, '$1$1'), 'begins inside'],
  ])('with %s are reported with file and line', async (_what, change, why) => {
    const { root } = await scaffold()
    edit(root, 'src/plugin.ts', change)
    const { problems } = await validatePlugin(nodeDisk, root, policies)
    expect(problems[0]).toMatchObject({
      code: 'FENCE_BROKEN',
      file: 'src/plugin.ts',
      line: expect.any(Number),
      message: expect.stringContaining(why),
    })
  })

  test('that are gone altogether stop the derivation', async () => {
    const { root } = await scaffold()
    writeFileSync(join(root, 'src/plugin.ts'), 'export default {}\n')
    await expect(derive(nodeDisk, root, policies)).rejects.toThrow(expect.objectContaining({ code: 'FENCE_BROKEN' }))
  })
})

describe('validation', () => {
  test.each([
    [
      'a missing example',
      (root: string) => rmSync(join(root, 'examples/echo_request.json')),
      'examples/echo_request.json is missing',
    ],
    [
      'an example that breaks its schema',
      (root: string) => writeFileSync(join(root, 'examples/echo_request.json'), '{"text": 3}'),
      'examples/echo_request.json/text 3 must be string',
    ],
    [
      'an example that is no JSON',
      (root: string) => writeFileSync(join(root, 'examples/echo_request.json'), '{'),
      'line 1',
    ],
    [
      'a missing schema',
      (root: string) => rmSync(join(root, 'schemas/echo.in.schema.json')),
      'schemas/echo.in.schema.json is missing',
    ],
    ['missing tests', (root: string) => rmSync(join(root, 'tests/test_echo.ts')), 'has no tests'],
    [
      'tests that assert nothing',
      (root: string) => writeFileSync(join(root, 'tests/test_echo.ts'), 'export {}\n'),
      'asserts nothing',
    ],
    [
      'a missing entry',
      (root: string) => editSpec(root, (spec) => (spec['runtime'] = { kind: 'node', entry: 'src/gone.ts' })),
      'src/gone.ts is missing',
    ],
    [
      'a bad range',
      (root: string) => editSpec(root, (spec) => (spec['dependencies'] = { other: 'new' })),
      '"new" is no version range',
    ],
    ['a carriage return', (root: string) => writeFileSync(join(root, 'notes.md'), 'a\r\n'), 'carriage returns'],
    ['a name that Windows refuses', (root: string) => writeFileSync(join(root, 'aux.md'), 'a\n'), 'reserved'],
    [
      'no conformance folder',
      (root: string) => rmSync(join(root, 'conformance'), { recursive: true }),
      'conformance/ is missing',
    ],
    ['no spec', (root: string) => rmSync(join(root, 'plugin.spec.json')), 'plugin.spec.json is missing'],
    [
      'an input that is said not to be',
      (root: string) =>
        editSpec(root, (spec) => (((spec['operations'] as { input: boolean }[])[0] ?? { input: true }).input = false)),
      'must be null',
    ],
  ])('finds %s', async (_what, harm, message) => {
    const { root } = await scaffold()
    harm(root)
    expect((await problemsOf(root)).join('\n')).toContain(message)
  })

  test('refuses a folder that bears another name, and one that is not there', async () => {
    const { root } = await scaffold()
    editSpec(root, (spec) => (spec['id'] = 'another'))
    expect((await problemsOf(root)).join('\n')).toContain('bears another name')
    await expect(validatePlugin(nodeDisk, '/nowhere', policies)).rejects.toThrow(
      expect.objectContaining({ code: 'PLUGIN_UNKNOWN' }),
    )
  })

  test('finds every fault of a policy pack with its line', async () => {
    const { root } = await scaffold()
    const own = join(root, '../policies/bad/1.0.0')
    mkdirSync(own, { recursive: true })
    writeFileSync(
      join(own, 'pack.yaml'),
      'pack: bad\nversion: 1.0.0\nrules:\n  - id: a\n    set:\n      nonsense: { min: 1 }\n      coverage.lines: { max: 1 }\n',
    )
    const { problems } = await validatePlugin(nodeDisk, root, await policiesFor(nodeDisk, root))
    expect(problems.map(({ line, message }) => [line, message.replace(/^\S+ /, '')])).toEqual([
      [1, 'the key "released" is missing'],
      [4, 'a rule needs "id" and "reason"'],
      [6, 'there is no policy key "nonsense"'],
      [7, '"coverage.lines" needs { min: number }'],
    ])
    await expect(derive(nodeDisk, root, join(root, '../policies'))).rejects.toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID' }),
    )
    writeFileSync(join(own, 'pack.yaml'), 'pack: [\n')
    expect((await validatePlugin(nodeDisk, root, join(root, '../policies'))).problems[0]).toMatchObject({
      code: 'POLICY_PACK',
    })
  })
})

describe('packing', () => {
  const key = newSigningKey()

  test('gives the same bundle twice, signed, with its code as JavaScript', async () => {
    const { root } = await scaffold()
    const [first, second] = [
      await packPlugin(nodeDisk, root, policies, key),
      await packPlugin(nodeDisk, root, policies, key),
    ]
    expect(first.archive).toEqual(second.archive)
    const bundle = openBundle(await readArchive(first.archive))
    expect(bundle.manifestDigest).toBe(first.manifestDigest)
    expect(bundle.manifest.entryPoints).toEqual([{ source: 'src/plugin.ts', bundled: 'dist/src/plugin.mjs' }])
    const { statement } = verifyEnvelope(first.envelope, () => key.publicKey)
    expect(`sha256:${statement.subject[0]?.digest.sha256}`).toBe(first.manifestDigest)
    expect(statement.predicate.gates.map(({ gate }) => gate)).toContain('operations')
    const out = temporaryFolder()
    const paths = await writePacked(nodeDisk, out, first)
    expect(paths.archive).toBe(join(out, 'demo-plugin-0.1.0.tgz'))
    expect(readFileSync(paths.archive)).toEqual(Buffer.from(first.archive))
  })

  test('an unbundled import is only the sdk', async () => {
    const { root } = await scaffold()
    const { archive } = await packPlugin(nodeDisk, root, policies, key)
    const entry = (await readArchive(archive)).find(({ path }) => path === 'dist/src/plugin.mjs')
    expect(
      Buffer.from(entry?.bytes ?? [])
        .toString()
        .match(/from "(.+)"/g),
    ).toEqual(['from "@tenon/sdk"'])
  })

  test.each([
    ['what does not validate', (root: string) => rmSync(join(root, 'tests/test_echo.ts')), 'VALIDATION_FAILED'],
    ['build metadata', (root: string) => editSpec(root, (spec) => (spec['version'] = '1.0.0+7')), 'SPEC_INVALID'],
    [
      'code that does not parse',
      (root: string) => writeFileSync(join(root, 'src/echo.ts'), 'export const = 1\n'),
      'SPEC_INVALID',
    ],
  ])('refuses %s', async (_what, harm, code) => {
    const { root } = await scaffold()
    harm(root)
    if (code !== 'VALIDATION_FAILED') await derive(nodeDisk, root, policies)
    await expect(packPlugin(nodeDisk, root, policies, key)).rejects.toThrow(expect.objectContaining({ code }))
  })
})
