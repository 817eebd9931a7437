import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { derive, policySnapshot, readPolicies, validatePlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import type { PluginSpec } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { edit, editSpec, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()

const packText = (name: string, rules: string): string =>
  `pack: ${name}\nversion: 1.0.0\nreleased: 2026-01-01\nrules:\n${rules}`
const ruleText = (id: string, set: string, more = ''): string =>
  `  - id: ${id}\n    set: { ${set} }\n    reason: Because.\n    owner: us\n${more}`
const waiverText = (changes: Record<string, string> = {}): string =>
  Object.entries({
    plugin: 'demo-plugin',
    key: 'operation.timeoutMs',
    value: '5000',
    approver: 'ada',
    reason: 'For now.',
    expires: '2026-06-30',
    ...changes,
  })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')

const DAY = Date.UTC(2026, 5, 30)
const ONE_SECOND = { a: ruleText('quick', 'operation.timeoutMs: { max: 1000 }') }

/** A repository of these packs and waivers, by their names, with a plugin whose operations take five seconds. */
async function repository(packs: Record<string, string>, waivers: Record<string, string>) {
  const root = temporaryFolder()
  const policies = join(root, 'policies')
  for (const [name, rules] of Object.entries(packs))
    write(root, `policies/${name}/1.0.0/pack.yaml`, packText(name, rules))
  for (const [name, text] of Object.entries(waivers)) write(root, `policies/waivers/${name}`, text)
  write(root, 'plugins/demo-plugin/plugin.spec.json', '')
  const plugin = fresh()
  editSpec(plugin, (spec) => {
    for (const operation of spec.operations ?? []) operation.timeoutMs = 5000
  })
  const told = async (at = DAY): Promise<string[]> =>
    (await validatePlugin(nodeDisk, plugin, policies, at)).problems
      .filter(({ code }) => !['DERIVED_DRIFT', 'POLICY_SNAPSHOT_STALE', 'CHECKSUM_MISMATCH'].includes(code))
      .map(({ code, file, line, message }) => `${code} ${[file, line ?? []].flat().join(':')} ${message}`)
  return { root, policies, plugin, told }
}

const LIMIT = expect.stringMatching(/^POLICY_LIMIT plugin\.spec\.json:\d+ 5000 is over the limit of 1000$/)

describe('a waiver', () => {
  test('makes a looser value win for its plugin and key, and the snapshot names it with what loses', async () => {
    const { told, policies, plugin } = await repository(ONE_SECOND, { 'slow.yaml': waiverText() })
    expect(await told()).toEqual([])
    await derive(quickDisk, plugin, policies)
    expect((await validatePlugin(nodeDisk, plugin, policies, DAY)).problems).toEqual([])
    expect(JSON.parse(read(plugin, 'policy_snapshot.json'))).toMatchObject({
      values: {
        'operation.timeoutMs': {
          value: 5000,
          winners: [],
          losers: [{ pack: 'a@1.0.0', rule: 'quick', value: 1000 }],
          waiver: {
            file: 'policies/waivers/slow.yaml',
            line: 3,
            value: 5000,
            approver: 'ada',
            reason: 'For now.',
            expires: '2026-06-30',
          },
        },
      },
    })
  })

  test('holds to the end of its last day, and fails from then on whatever the snapshot says', async () => {
    const { told, policies, plugin } = await repository(ONE_SECOND, { 'slow.yaml': waiverText() })
    const over =
      'WAIVER_EXPIRED policies/waivers/slow.yaml:6 was for operation.timeoutMs of demo-plugin until 2026-06-30'
    expect(await told(DAY + 24 * 3_600_000 - 1)).toEqual([])
    expect(await told(DAY + 24 * 3_600_000)).toEqual([over])
    await derive(quickDisk, plugin, policies)
    expect(await told(DAY + 24 * 3_600_000)).toEqual([over])
  })

  test('that does not loosen enough is named where its value is broken', async () => {
    const { policies, plugin } = await repository(ONE_SECOND, { 'slow.yaml': waiverText({ value: '4000' }) })
    const { problems } = await validatePlugin(nodeDisk, plugin, policies, DAY)
    expect(problems.find(({ code }) => code === 'POLICY_LIMIT')).toMatchObject({
      message: '5000 is over the limit of 4000',
      hint: 'policies/waivers/slow.yaml waives it: For now.',
    })
  })

  test('is for its plugin alone', async () => {
    const { root, told } = await repository(ONE_SECOND, { 'slow.yaml': waiverText({ plugin: 'other' }) })
    write(root, 'plugins/other/plugin.spec.json', '')
    expect(await told()).toEqual([LIMIT])
  })

  test('with a pack waives the rules of that pack alone', async () => {
    const packs = { ...ONE_SECOND, b: ruleText('slower', 'operation.timeoutMs: { max: 6000 }') }
    const both = await repository(packs, { 'slow.yaml': waiverText({ pack: 'a' }) })
    expect(await both.told()).toEqual([])
    const further = await repository(packs, { 'slow.yaml': waiverText({ pack: 'a', value: '9000' }) })
    const { policies } = await readPolicies(nodeDisk, further.policies)
    const spec = JSON.parse(read(further.plugin, 'plugin.spec.json')) as PluginSpec
    expect(policySnapshot(policies, spec).values['operation.timeoutMs']).toMatchObject({
      value: 6000,
      winners: [{ pack: 'b@1.0.0' }],
      losers: [{ pack: 'a@1.0.0' }],
    })
  })

  test.each<[string, Record<string, string>, string]>([
    [
      'loosens nothing',
      { value: '1000' },
      'POLICY_WAIVER policies/waivers/w.yaml:3 loosens nothing: without it operation.timeoutMs is 1000',
    ],
    [
      'makes it stricter',
      { value: '999' },
      'POLICY_WAIVER policies/waivers/w.yaml:3 loosens nothing: without it operation.timeoutMs is 1000',
    ],
    [
      'is for a pack beside which another one counts',
      { pack: 'elsewhere' },
      'POLICY_WAIVER policies/waivers/w.yaml:3 loosens nothing: without it operation.timeoutMs is 1000, and other packs than elsewhere count still',
    ],
    [
      'is for a key that nothing sets',
      { key: 'performance.p95Ms' },
      'POLICY_WAIVER policies/waivers/w.yaml:3 nothing sets performance.p95Ms for this plugin',
    ],
    [
      "was approved by the plugin's own publisher",
      { approver: '" Acme"' },
      'POLICY_WAIVER policies/waivers/w.yaml:4 " Acme" publishes the plugin, and approves no waiver for it',
    ],
  ])('that %s is refused and not in force', async (_what, changes, message) => {
    const { told } = await repository(ONE_SECOND, { 'w.yaml': waiverText(changes) })
    expect(await told()).toEqual([LIMIT, message])
  })

  test('loosens no rule that is locked, and may be beside one that it keeps to', async () => {
    const locked = (limit: number) => ({
      ...ONE_SECOND,
      b: ruleText('sure', `operation.timeoutMs: { max: ${limit} }`, '    lock: true\n'),
    })
    const refused = await repository(locked(4999), { 'w.yaml': waiverText() })
    expect(await refused.told()).toEqual([
      LIMIT,
      'POLICY_WAIVER policies/waivers/w.yaml:3 the rule "sure" of b@1.0.0 is locked: no waiver loosens it',
    ])
    expect(await (await repository(locked(5000), { 'w.yaml': waiverText() })).told()).toEqual([])
  })

  test.each<[string, string, string]>([
    ['no YAML', 'plugin: [\n', 'POLICY_WAIVER policies/waivers/w.yaml:2 '],
    [
      'a plugin that there is not',
      waiverText({ plugin: 'nobody' }),
      'POLICY_WAIVER policies/waivers/w.yaml:1 there is no plugin "nobody"',
    ],
    [
      'a key that there is not',
      waiverText({ key: 'operation.timeout' }),
      'POLICY_WAIVER policies/waivers/w.yaml:2 "operation.timeout" must be one of ',
    ],
    [
      'a value of another form',
      waiverText({ value: '[a]' }),
      'POLICY_WAIVER policies/waivers/w.yaml:3 ["a"] must be number',
    ],
    [
      'a capability that is none',
      waiverText({ key: 'capabilities.denied', value: '[fly]' }),
      'POLICY_WAIVER policies/waivers/w.yaml:3 "fly": there is no action "fly"',
    ],
    [
      'a day that is none',
      waiverText({ expires: '2026-02-30' }),
      'POLICY_WAIVER policies/waivers/w.yaml:6 "2026-02-30" is no day',
    ],
    [
      'a key too many',
      `${waiverText()}until: 2027-01-01\n`,
      'POLICY_WAIVER policies/waivers/w.yaml:7 the key "until" is not known here',
    ],
    [
      'no approver',
      waiverText().replace('approver: ada\n', ''),
      'POLICY_WAIVER policies/waivers/w.yaml:1 the key "approver" is missing',
    ],
  ])('with %s is refused at its line', async (_what, text, start) => {
    const { told } = await repository(ONE_SECOND, { 'w.yaml': text })
    expect(await told()).toEqual([expect.stringContaining(start)])
  })

  test('for what another one waives already is refused, and so is a file that nobody would read', async () => {
    const { told } = await repository(ONE_SECOND, {
      'a.yaml': waiverText(),
      'b.yaml': waiverText({ value: '6000' }),
      'c.yml': waiverText(),
      'd/e.yaml': waiverText(),
    })
    expect(await told()).toEqual([
      'POLICY_WAIVER policies/waivers/c.yml is no waiver',
      'POLICY_WAIVER policies/waivers/d/e.yaml is no waiver',
      'POLICY_WAIVER policies/waivers/b.yaml:2 policies/waivers/a.yaml waives operation.timeoutMs of demo-plugin already',
    ])
  })

  test('of a set loosens it by what it leaves out, and adds nothing to it', async () => {
    const packs = { a: ruleText('r', 'documents.required: { union: [CHANGELOG.md, use.md] }') }
    const of = (value: string) => waiverText({ key: 'documents.required', value })
    expect(await (await repository(packs, { 'w.yaml': of('[CHANGELOG.md]') })).told()).toEqual([])
    const added = await repository(packs, { 'w.yaml': of('[more.md]') })
    expect(await added.told()).toEqual([
      'POLICY_LIMIT use.md is missing',
      expect.stringContaining('POLICY_WAIVER policies/waivers/w.yaml:3 loosens nothing'),
    ])
  })
})

describe('a committed snapshot', () => {
  test.each<[string, (policies: string, plugin: string) => void, string]>([
    [
      'a new version of a pack',
      (policies) =>
        write(policies, 'a/1.1.0/pack.yaml', packText('a', ONE_SECOND.a).replace('version: 1.0.0', 'version: 1.1.0')),
      'a was 1.0.0 and is 1.1.0',
    ],
    [
      'a pack more',
      (policies) => write(policies, 'b/1.0.0/pack.yaml', packText('b', ' []')),
      'b was not there and is 1.0.0',
    ],
    [
      'a changed pack of the same version',
      (policies) => edit(policies, 'a/1.0.0/pack.yaml', (text) => text.replace('Because', 'For')),
      'a was 1.0.0 and is 1.0.0',
    ],
    [
      'another resolver',
      (_policies, plugin) => edit(plugin, 'policy_snapshot.json', (text) => text.replace('policy@2', 'policy@1')),
      'its values were resolved by policy@1',
    ],
    [
      'nothing that can be read',
      (_policies, plugin) => write(plugin, 'policy_snapshot.json', '[]\n'),
      'it is no snapshot',
    ],
  ])('of %s fails by a gate that names the command that mends it', async (_what, change, why) => {
    const { policies, plugin } = await repository({ a: ruleText('r', 'operation.timeoutMs: { max: 9000 }') }, {})
    await derive(quickDisk, plugin, policies)
    expect((await validatePlugin(nodeDisk, plugin, policies, DAY)).problems).toEqual([])
    change(policies, plugin)
    const { gates } = await validatePlugin(nodeDisk, plugin, policies, DAY)
    expect(gates.find(({ gate }) => gate === 'snapshot')).toMatchObject({
      checked: 1,
      problems: [
        {
          code: 'POLICY_SNAPSHOT_STALE',
          file: 'policy_snapshot.json',
          message: `is not of the policies of today: ${why}`,
          hint: 'Run "tenon plugin derive demo-plugin".',
        },
      ],
    })
  })
})
