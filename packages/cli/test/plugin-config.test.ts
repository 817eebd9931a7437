import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { market, stepper, type Market } from './market.ts'

const READS = `import type { Context } from '@tenon/sdk'
export const act = async (_input: object, ctx: Context): Promise<object> => ({ config: await ctx.config.get() })
`

const settings = {
  depth: { type: 'integer', label: 'Depth', default: 3, min: 1 },
  title: { type: 'single-string', label: 'Title' },
  token: { type: 'secret', label: 'Token' },
}

async function withNotes(): Promise<Market> {
  const made = await market()
  await made.publish({ id: 'notes', spec: { settings }, files: { 'src/act.ts': READS } })
  const step = stepper(made.tenon)
  await step('plugin', 'install', 'acme/notes')
  await step('plugin', 'enable', 'notes')
  return made
}

test('settings are shown, set, taken back, and their history is told', async () => {
  const { tenon, project } = await withNotes()
  const step = stepper(tenon)
  const set = ['plugin', 'config', 'set', 'notes']
  writeFileSync(join(project, 'settings.json'), '{ "token": "hunter2", "title": null }')
  expect(await step('plugin', 'config', 'notes')).toBe(
    [
      'SETTING  TYPE           VALUE  FROM     LABEL',
      'depth    integer        3      default  Depth',
      'title    single-string         unset    Title',
      'token    secret                unset    Token\n',
    ].join('\n'),
  )
  expect(await step(...set, 'depth=5', 'title=7', '--why', 'a trial')).toBe(
    'version 1 of the settings of notes; the plugin: not running\n',
  )
  await step(...set, '--file', 'settings.json', '--why', 'from a file')
  await step(...set, 'depth=9', '--environment', 'staging', '--why', 'for staging')
  await step(...set, 'depth=', '--why', 'back')
  const act = async (env: Record<string, string>) =>
    (await tenon(['call', 'notes', 'act', '--input', 'tenon.json'], { env })).json().config
  expect(await act({})).toEqual({ depth: 3, token: 'hunter2' })
  expect(await act({ TENON_ENVIRONMENT: 'staging' })).toEqual({ depth: 9, token: 'hunter2' })
  expect(await act({ TENON_SETTING_NOTES__TITLE: 'Outside' })).toMatchObject({ title: 'Outside' })
  expect(await step('plugin', 'config', 'show', 'notes', '--environment', 'staging')).toMatch(
    /^depth +integer +9 +environment +Depth$/m,
  )
  const history = (await step('plugin', 'config', 'history', 'notes')).replaceAll(/20\S+Z admin:\w+/g, 'THEN')
  expect(history).toBe(
    [
      ...['1 THEN: a trial', '  depth: unset → 5', '  title: unset → "7"'],
      ...['2 THEN: from a file', '  title: "7" → unset', '  token: changed'],
      ...['3 THEN in staging: for staging', '  depth: unset → 9'],
      ...['4 THEN: back', '  depth: 5 → unset\n'],
    ].join('\n'),
  )
  expect(history).not.toContain('hunter2')
})

test('what is wrong is refused, and no secret is taken from a command line', async () => {
  const { tenon, project } = await withNotes()
  writeFileSync(join(project, 'list.json'), '[]')
  const set = (...words: string[]) => tenon(['plugin', 'config', 'set', 'notes', ...words, '--why', 'x'])
  const refusals: [string[], string, string][] = [
    [['token=hunter2'], 'USAGE', '--file'],
    [['depth'], 'USAGE', '"depth" is no setting with its value'],
    [['=5'], 'USAGE', '"=5"'],
    [['--file', 'list.json'], 'USAGE', 'list.json holds no object'],
    [['depth=many', 'colour=red'], 'CONFIG_INVALID', 'there is no setting "colour"'],
  ]
  for (const [words, code, message] of refusals) {
    const { code: exit, stderr } = await set(...words)
    expect([words, exit, stderr]).toEqual([words, 2, expect.stringMatching(new RegExp(`${code}: [^]*${message}`))])
    expect(stderr).not.toContain('hunter2')
  }
  const nameless = await tenon(['plugin', 'config', 'set', '--why', 'x'])
  expect([nameless.code, nameless.stderr]).toEqual([2, expect.stringContaining('name the plugin')])
  expect(await stepper(tenon)('plugin', 'config', 'history', 'notes')).toBe('never changed\n')
})

test('a value that a variable sets and the setting does not allow is told', async () => {
  const { tenon } = await withNotes()
  const { stdout } = await tenon(['plugin', 'config', 'notes'], { env: { TENON_SETTING_NOTES__DEPTH: '0' } })
  expect(stdout).toMatch(/^problem: depth is 0; at least 1 is needed$/m)
})

test('secrets are sealed anew under a master key that lies ready, and then need no other', async () => {
  const { tenon, project } = await withNotes()
  const [old, next] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'))
  const given = (...keys: (string | undefined)[]) =>
    stepper((argv) => tenon(argv, { env: { TENON_MASTER_KEY: keys.join(',') } }))
  writeFileSync(join(project, 'settings.json'), '{ "token": "hunter2" }')
  await given(old)('plugin', 'config', 'set', 'notes', '--file', 'settings.json', '--why', 'at first')
  expect(await given(next, old)('admin', 'storage', 'rotate-key')).toBe(
    'every secret is sealed under the master key that lay ready\n',
  )
  const called = await given(next)('call', 'notes', 'act', '--input', 'tenon.json')
  expect(JSON.parse(called).config).toMatchObject({ token: 'hunter2' })
})
