import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { derive, policiesFor, policySnapshot, readPack, readPolicies, validatePlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import type { PluginSpec } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { at, editSpec, policies, problemsOf, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()
const head = 'pack: own\nversion: 1.0.0\nreleased: 2026-01-01\n'
const faults = (rules: string): string[] =>
  readPack(rules, 'pack.yaml', { pack: 'own', version: '1.0.0' }).problems.map(
    ({ line, message, hint }) => `${line} ${message}${hint === undefined ? '' : ` ${hint}`}`,
  )
const rule = (id: string, set: string, when = ''): string =>
  `  - id: ${id}\n${when}    set:\n      ${set}\n    reason: Because.\n    owner: us\n`
const spec = (changes: Partial<PluginSpec> = {}): PluginSpec => ({
  specVersion: 1,
  id: 'demo',
  name: 'Demo',
  version: '1.0.0',
  runtime: { kind: 'node', entry: 'a.ts' },
  ...changes,
})

describe('a policy pack', () => {
  test('is read with the line of each value', () => {
    const { pack, problems } = readPack(`${head}rules:\n${rule('a', 'coverage.lines: { min: 80 }')}`, 'pack.yaml', {
      pack: 'own',
      version: '1.0.0',
    })
    expect(problems).toEqual([])
    expect(pack).toMatchObject({
      pack: 'own',
      version: '1.0.0',
      released: '2026-01-01',
      file: 'pack.yaml',
      rules: [
        {
          id: 'a',
          layer: 'organisation',
          when: {},
          lock: false,
          reason: 'Because.',
          owner: 'us',
          set: { 'coverage.lines': { value: 80, line: 7 } },
        },
      ],
    })
  })

  test.each([
    ['no YAML', 'pack: [\n', [expect.stringMatching(/^2 /)]],
    ['a key twice', 'pack: a\npack: b\n', [expect.stringMatching(/^2 .*unique/)]],
    ['nothing', '', ['1 null must be object']],
    ['no rules', head, ['1 the key "rules" is missing']],
    [
      'a misspelt key',
      `${head}rules: []\nowners: a\n`,
      [expect.stringContaining('5 the key "owners" is not known here')],
    ],
    [
      'a date that is none',
      `${head.replace('2026-01-01', 'today')}rules: []\n`,
      [expect.stringMatching(/^3 "today" must match/)],
    ],
    [
      'a key that nothing looks at',
      `${head}rules:\n${rule('a', 'coverage.line: { min: 1 }')}`,
      ['7 the key "coverage.line" is not known here Did you mean "coverage.lines"?'],
    ],
    [
      'a bound of the other side',
      `${head}rules:\n${rule('a', 'coverage.lines: { max: 1 }')}`,
      ['7 the key "min" is missing', '7 the key "max" is not known here Known keys: min.'],
    ],
    ['a bound as text', `${head}rules:\n${rule('a', 'coverage.lines: { min: lots }')}`, ['7 "lots" must be number']],
    [
      'a rule without reason',
      `${head}rules:\n  - id: a\n    set: { retention.days: { min: 1 } }\n    owner: b\n`,
      ['5 the key "reason" is missing'],
    ],
    [
      'a rule that sets nothing',
      `${head}rules:\n  - id: a\n    set: {}\n    reason: b\n    owner: b\n`,
      [expect.stringMatching(/^6 /)],
    ],
    [
      'a rule without owner',
      `${head}rules:\n  - id: a\n    set: { retention.days: { min: 1 } }\n    reason: b\n`,
      ['5 the key "owner" is missing'],
    ],
    [
      'two rules of one id',
      `${head}rules:\n${rule('a', 'retention.days: { min: 1 }')}${rule('a', 'retention.days: { min: 2 }')}`,
      ['10 "a" is the id of a rule before it'],
    ],
    ['a day that the calendar has not', `${head.replace('01-01', '02-30')}rules: []\n`, ['3 "2026-02-30" is no day']],
    [
      'a capability that is none',
      `${head}rules:\n${rule('a', 'capabilities.denied: { union: [fly] }')}`,
      ['7 "fly": there is no action "fly"'],
    ],
    [
      'a guarantee that nobody gives',
      `${head}rules:\n${rule('a', 'isolation.requires: { union: [time] }')}`,
      [expect.stringMatching(/^7 "time" must be one of "fs", /)],
    ],
    [
      'a document outside of the plugin',
      `${head}rules:\n${rule('a', 'documents.required: { union: [../a] }')}`,
      [expect.stringMatching(/^7 "..\/a" must match/)],
    ],
    [
      'a class of data that there is not',
      `${head}rules:\n${rule('a', 'retention.days: { min: 1 }', '    when: { classification: [pi] }\n')}`,
      [expect.stringMatching(/^6 "pi" must be one of .* Did you mean "pii"\?$/)],
    ],
    [
      'a rule for what nobody says',
      `${head}rules:\n${rule('a', 'retention.days: { min: 1 }', '    when: {}\n')}`,
      [expect.stringMatching(/^6 \{\} /)],
    ],
    [
      'another name than its folder',
      `${head.replace('own', 'other')}rules: []\n`,
      ['1 "other" lies in the folder of "own"'],
    ],
    [
      'another version than its folder',
      `${head.replace('1.0.0', '1.0.1')}rules: []\n`,
      ['2 "1.0.1" lies in the folder of "1.0.0"'],
    ],
  ])('with %s is refused at its line', (_what, text, expected) => {
    expect(faults(text)).toEqual(expected)
  })
})

describe('the packs of a repository', () => {
  test('are the newest version of each, in their order', async () => {
    const folder = temporaryFolder()
    for (const version of ['1.9.0', '1.10.0-rc.1', '1.10.0'])
      write(folder, `own/${version}/pack.yaml`, `${head.replace('1.0.0', version)}rules: []\n`)
    write(folder, 'another/2.0.0/pack.yaml', `${head.replace('own', 'another').replace('1.0.0', '2.0.0')}rules: []\n`)
    write(folder, 'own-too/1.0.0/pack.yaml', `${head.replace('own', 'own-too')}rules: []\n`)
    write(folder, 'README.md', 'no pack')
    const { policies: governing, problems } = await readPolicies(nodeDisk, folder)
    expect(problems).toEqual([])
    expect(governing.packs.map(({ pack, version }) => `${pack}@${version}`)).toEqual([
      'another@2.0.0',
      'own@1.10.0',
      'own-too@1.0.0',
    ])
  })

  test('in a folder that is no version are a problem, since nobody would read them', async () => {
    const folder = temporaryFolder()
    write(folder, 'own/1.0/pack.yaml', `${head}rules: []\n`)
    expect((await readPolicies(nodeDisk, folder)).problems).toEqual([
      expect.objectContaining({ file: 'policies/own/1.0', message: '"1.0" is no version' }),
    ])
  })

  test('that are links are a problem, since what they lead to is not part of the repository', async () => {
    const folder = temporaryFolder()
    write(folder, 'own/1.0.0/pack.yaml', `${head}rules: []\n`)
    mkdirSync(join(folder, 'own/2.0.0'))
    symlinkSync('../1.0.0/pack.yaml', join(folder, 'own/2.0.0/pack.yaml'))
    expect((await readPolicies(nodeDisk, folder)).problems).toEqual([
      expect.objectContaining({ file: 'policies/own/2.0.0/pack.yaml', message: 'is no regular file' }),
    ])
  })

  test('without a file is a problem of that pack', async () => {
    const folder = temporaryFolder()
    write(folder, 'own/1.0.0/notes.md', 'x')
    expect((await readPolicies(nodeDisk, folder)).problems).toEqual([
      expect.objectContaining({ file: 'policies/own/1.0.0/pack.yaml', code: 'POLICY_PACK' }),
    ])
  })

  test('lie beside the folder of plugins, or nowhere', async () => {
    const root = temporaryFolder()
    write(root, 'policies/own/1.0.0/pack.yaml', 'x')
    expect(await policiesFor(nodeDisk, join(root, 'plugins/demo'))).toBe(join(root, 'policies'))
    expect(await policiesFor(nodeDisk, '/nowhere/at/all')).toBe('/policies')
  })

  test('that cannot be read stop the gates that need them, and no others', async () => {
    const root = fresh()
    const folder = temporaryFolder()
    write(folder, 'own/1.0.0/pack.yaml', 'pack: [\n')
    const { gates } = await validatePlugin(nodeDisk, root, folder, at)
    const names = gates.map(({ gate }) => gate)
    expect(names).toContain('links')
    expect(names).not.toContain('policy')
    expect(names).not.toContain('derived')
    expect(gates.find(({ gate }) => gate === 'policies')).toMatchObject({
      problems: [{ code: 'POLICY_PACK', line: 2 }],
    })
  })
})

describe('the policy snapshot', () => {
  const packOf = (name: string, rules: string) => {
    const text = `${head.replace('own', name)}rules:\n${rules}`
    const { pack, problems } = readPack(text, 'pack.yaml', { pack: name, version: '1.0.0' })
    if (pack === undefined) throw new Error(JSON.stringify(problems))
    return pack
  }
  const both = (set: (value: number) => string) => ({
    packs: [packOf('a', rule('r', set(1))), packOf('b', rule('r', set(2)))],
    waivers: [],
  })

  test('takes the strictest value of a key and keeps the others', () => {
    const most = policySnapshot(
      both((value) => `coverage.lines: { min: ${value} }`),
      spec(),
    )
    expect(most.values['coverage.lines']).toMatchObject({
      direction: 'min',
      value: 2,
      winners: [{ pack: 'b@1.0.0', value: 2 }],
      losers: [{ pack: 'a@1.0.0', value: 1 }],
    })
    const least = policySnapshot(
      both((value) => `health.failAfter: { max: ${value} }`),
      spec(),
    )
    expect(least.values['health.failAfter']).toMatchObject({
      direction: 'max',
      value: 1,
      winners: [{ pack: 'a@1.0.0' }],
      losers: [{ value: 2 }],
    })
  })

  test.each<[string, Partial<PluginSpec>, boolean]>([
    ['traits: [handles_pii]', { traits: ['handles_pii', 'audit_required'] }, true],
    ['traits: [handles_pii, audit_required]', { traits: ['handles_pii'] }, false],
    ['traits: [handles_pii]', {}, false],
    ['classification: [pii, phi]', { security: { authenticationRequired: true, dataClassification: ['phi'] } }, true],
    ['classification: [pii]', { security: { authenticationRequired: true, dataClassification: ['public'] } }, false],
    ['classification: [pii]', {}, false],
    ['runtime: [python, node]', {}, true],
    ['runtime: [python]', {}, false],
    ['plugins: [other, demo]', {}, true],
    ['plugins: [other]', {}, false],
    ['plugins: [demo], runtime: [map]', {}, false],
  ])('takes a rule for %s with %j: %s', (when, changes, taken) => {
    const pack = packOf('a', rule('r', 'retention.days: { min: 7 }', `    when: { ${when} }\n`))
    expect(Object.keys(policySnapshot({ packs: [pack], waivers: [] }, spec(changes)).values)).toEqual(
      taken ? ['retention.days'] : [],
    )
  })

  test('of this repository names the pack and the line of each of its values', async () => {
    const root = fresh()
    editSpec(root, (one) => {
      one.contracts = ['IdentityPlugin']
      one.traits = ['handles_pii']
      one.security = { authenticationRequired: true, dataClassification: ['pii'] }
    })
    await derive(quickDisk, root, policies)
    const { values } = JSON.parse(read(root, 'policy_snapshot.json')) as {
      values: Record<string, { value: string | string[]; winners: { file: string; line: number }[] }>
    }
    const lineOf = (file: string, line: number): string =>
      readFileSync(join(policies, '..', file), 'utf8').split('\n')[line - 1] ?? ''
    expect(Object.keys(values).length).toBeGreaterThan(4)
    for (const [key, { value, winners }] of Object.entries(values))
      for (const { file, line } of winners)
        expect(lineOf(file, line)).toMatch(new RegExp(` ${key}: .*${Array.isArray(value) ? value[0] : value}`))
    expect(values['health.timeoutMs']).toMatchObject({
      value: 2000,
      winners: [{ pack: 'personal-data@1.0.0', layer: 'domain' }],
      losers: [{ pack: 'base@1.2.0', layer: 'organisation', value: 5000 }],
    })
  })
})

test('what a spec promises beyond a limit of the packs is a problem that names the rule', async () => {
  const root = fresh()
  const folder = temporaryFolder()
  const rules = rule('quick', 'operation.timeoutMs: { max: 1000 }') + rule('slow', 'performance.p95Ms: { max: 50 }')
  write(folder, 'own/1.0.0/pack.yaml', `${head}rules:\n${rules}`)
  editSpec(root, (one) => {
    for (const operation of one.operations ?? []) operation.timeoutMs = 1001
    one.performance = { echo: { p95Ms: 50, maxRssMb: 10_000 } }
  })
  await derive(quickDisk, root, folder)
  expect(await problemsOf(root, folder)).toEqual([
    {
      pointer: '/operations/0/timeoutMs',
      file: 'plugin.spec.json',
      line: expect.any(Number),
      code: 'POLICY_LIMIT',
      message: '1001 is over the limit of 1000',
      hint: 'The rule "quick" of own@1.0.0 sets operation.timeoutMs: Because.',
    },
  ])
})
