import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FEATURE, feature, made, scenario } from './tested-plugin.ts'

/** A snapshot of the policies of this repository, which ask for much. */
const STRICT = fileURLToPath(new URL('../../../plugins/id-mint/policy_snapshot.json', import.meta.url))

/** How many scenarios and fixtures a new plugin of a kind has. */
const SEEDED = { node: [2, 1], remote: [2, 1], python: [1, 0], map: [1, 0], container: [0, 0] } as const
/** Of these a new plugin's code is written in TypeScript. */
const TYPED = ['node', 'remote', 'map']

const ok = { verdict: 'pass', problems: [] }

/** How a gate ended that looked at so much. */
const ended = (checked: number) => ({ verdict: checked === 0 ? 'idle' : 'pass', checked, problems: [] })

test.each(Object.keys(SEEDED) as (keyof typeof SEEDED)[])(
  'a new plugin of kind %s passes its tests at once',
  async (kind) => {
    const { tenon, root } = await made(kind)
    copyFileSync(STRICT, join(root, 'policy_snapshot.json'))
    const { code, json } = await tenon(['plugin', 'test', 'demo', '--json'])
    const [scenarios, fixtures] = SEEDED[kind]
    const [types, lint, unit, ...others] = json().gates
    expect(types).toMatchObject({ gate: 'types', verdict: TYPED.includes(kind) ? 'pass' : 'idle', problems: [] })
    expect(lint).toMatchObject({ gate: 'lint', verdict: 'pass', problems: [] })
    expect(unit).toMatchObject({ gate: 'unit', verdict: 'pass', problems: [] })
    expect(unit.notes).toEqual([expect.stringContaining('80 % are asked for')])
    expect(others).toMatchObject([ended(scenarios), ended(fixtures), ended(0)])
    expect(code).toBe(0)
  },
)

test.each(['node', 'remote'])(
  'operations that are added to a plugin of kind %s pass its tests at once',
  async (kind) => {
    const { tenon } = await made(kind)
    for (const op of [['shout'], ['tick', '--no-input'], ['log_it', '--no-output']])
      await tenon(['plugin', 'add-op', 'demo', ...op])
    await tenon(['plugin', 'rename-op', 'demo', 'echo', 'say_again'])
    const { code, json } = await tenon(['plugin', 'test', 'demo', '--json'])
    expect([code, json().gates]).toMatchObject([0, [ok, ok, ok, ended(8), ended(4), ended(0)]])
  },
)

test('of a plugin in a container it is said that nothing here plays its scenarios', async () => {
  const { write, at, tenon } = await made('container')
  write({ [FEATURE]: feature(scenario('Counts', 'When the dataset is run', 'Then it answers []')) })
  const { code, stdout } = await tenon(['plugin', 'test', 'demo', '--only', 'behavior'])
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^none behavior \(0 checked, .*\n.*no lane .* 1 scenario\(s\)/),
  ])
  write({ [FEATURE]: 'Counts\n' })
  expect((await at('behavior')).gate.problems).toMatchObject([{ code: 'BEHAVIOR_UNREADABLE' }])
})

test('a plugin under test reaches nothing outside, whatever it is granted', async () => {
  const { root, write, tenon } = await made()
  const spec = JSON.parse(readFileSync(join(root, 'plugin.spec.json'), 'utf8')) as object
  const asks = { capability: 'net:connect:example.org', reason: 'Asks.' }
  write({
    'plugin.spec.json': { ...spec, permissions: [asks] },
    'src/echo.ts': `import type { Context, EchoInput, EchoOutput } from './plugin-types.ts'

export async function echo(_input: EchoInput, ctx: Context): Promise<EchoOutput> {
  await ctx.fetch({ url: 'https://example.org/' })
  return { text: 'reached' }
}
`,
    [FEATURE]: feature(scenario('Asks', 'When echo is given {"text":"x"}', 'Then it refuses with EGRESS_DENIED')),
  })
  const { code, stdout } = await tenon(['plugin', 'test', 'demo', '--only', 'behavior'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok {3}behavior \(1 checked/)])
})

test('a gate or a plugin that is not there is named', async () => {
  const { tenon } = await made()
  expect(await tenon(['plugin', 'test', 'demo', '--only', 'all'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/USAGE: "all".*\nhint: .*unit, behavior, fixtures, perf/),
  })
  expect(await tenon(['plugin', 'test', 'nobody'])).toMatchObject({ code: 5 })
  expect(await tenon(['plugin', 'test', 'demo', '--isolation', 'F'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('not for code that no verified signer vouches for'),
  })
})

test('at a terminal it is told what goes on', async () => {
  const { tenon, write } = await made()
  write({ [FEATURE]: feature(scenario('Echoes', 'When echo is given {"text":"a"}', 'Then it answers {"text":"a"}')) })
  const { code, stderr } = await tenon(['plugin', 'test', 'demo', '--only', 'behavior'], { isTerminal: true })
  expect([code, stderr]).toEqual([0, 'behavior …\n  ok   Echoes\n'])
})
