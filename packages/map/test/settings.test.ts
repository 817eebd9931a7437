import type { JsonObject, SettingDeclaration, SettingsDeclaration } from '@tenon/contract'
import { builtInPlugins, type Extractor, type Rule } from '@tenon/map'
import { describe, expect, test } from 'vitest'
import { pluginOf, scanFolder } from './folder-scan.ts'

/** What an extractor and a rule of a plugin with these settings find in their context. */
async function settingsSeen(
  settings: SettingsDeclaration,
  configured?: JsonObject,
  env: Record<string, string> = {},
  secrets: Record<string, string> = {},
) {
  const seen: unknown[] = []
  const extractor: Extractor = {
    id: 'see',
    kind: 'extractor',
    version: '1.0.0',
    emitsLinkKinds: [],
    defaultConfidence: 'low',
    extract: (context) => void seen.push(context.settings),
  }
  const rule: Rule = {
    id: 'see',
    kind: 'rule',
    version: '1.0.0',
    emitsRuleIds: ['see'],
    defaultSeverity: 'info',
    evaluate: (context) => (seen.push(context.settings), []),
  }
  const { errors } = await scanFolder({
    files: { 'a.md': '' },
    env,
    extensions: [...builtInPlugins, ...pluginOf('p', [extractor, rule], { settings })],
    options: {
      secrets: { p: secrets },
      ...(configured === undefined ? {} : { settings: { p: configured, other: { x: 1 } } }),
    },
  })
  return { seen, told: errors.map(({ data }) => data) }
}

const base = { label: 'L' }

test('settings are the configured values over the defaults, for extractors and rules alike', async () => {
  const settings: SettingsDeclaration = {
    words: { ...base, type: 'string-list', default: ['a'] },
    deep: { ...base, type: 'boolean-flag', default: true },
    free: { ...base, type: 'single-string' },
  }
  expect((await settingsSeen(settings, { words: ['b', 'c'] })).seen).toEqual([
    { words: ['b', 'c'], deep: true },
    { words: ['b', 'c'], deep: true },
  ])
  expect((await settingsSeen(settings)).seen[0]).toEqual({ words: ['a'], deep: true })
})

const options = [
  { value: 'x', label: 'X' },
  { value: 'y', label: 'Y' },
]

describe('a value is what its type says', () => {
  test.each<[SettingDeclaration, unknown, unknown]>([
    [{ ...base, type: 'string-list', min: 1, max: 2, itemMaxLength: 3 }, ['abc'], ['abcd']],
    [{ ...base, type: 'string-list' }, ['a'.repeat(256)], ['a'.repeat(257)]],
    [{ ...base, type: 'string-list', min: 1 }, ['a'], []],
    [{ ...base, type: 'single-string', minLength: 2, maxLength: 3, pattern: '^a' }, 'ab', 'b'],
    [{ ...base, type: 'boolean-flag' }, false, 'no'],
    [{ ...base, type: 'integer', min: 2, max: 8, step: 2 }, 4, 5],
    [{ ...base, type: 'integer', min: 1, step: 2 }, 3, 4],
    [{ ...base, type: 'integer' }, -1, 1.5],
    [{ ...base, type: 'enum-pick', options }, 'x', 'z'],
    [{ ...base, type: 'enum-multipick', options, max: 1 }, ['y'], ['x', 'y']],
    [{ ...base, type: 'path-glob' }, 'a/**', ['a']],
    [{ ...base, type: 'path-glob', multiple: true }, ['a'], 'a'],
    [{ ...base, type: 'regex', flags: 'gi' }, 'a+', 'a('],
    [{ ...base, type: 'key-value-list' }, [{ key: 'k', value: 'v' }], [{ key: 'k' }]],
  ])('%j', async (declaration, right, wrong) => {
    const good = await settingsSeen({ it: declaration }, { it: right as never })
    expect(good.seen[0]).toEqual({ it: right })
    const bad = await settingsSeen({ it: declaration }, { it: wrong as never })
    expect(bad.seen).toEqual([])
    expect(bad.told).toEqual([{ extensionId: 'p', kind: 'invalid-settings', message: expect.stringContaining('"it"') }])
  })
})

test('a setting that nobody declared keeps the plugin from running', async () => {
  const { seen, told } = await settingsSeen({}, { typo: 1 })
  expect(seen).toEqual([])
  expect(told).toEqual([expect.objectContaining({ kind: 'invalid-settings', message: 'there is no setting "typo"' })])
})

test('a secret comes from its variable, or else from whoever opened it, and is never taken as it is written', async () => {
  const settings: SettingsDeclaration = {
    key: { ...base, type: 'secret', envVar: 'KEY' },
    none: { ...base, type: 'secret' },
  }
  expect((await settingsSeen(settings, { key: 'written down' }, { KEY: 'from outside' })).seen[0]).toEqual({
    key: 'from outside',
  })
  expect((await settingsSeen(settings, { key: 'written down' })).seen[0]).toEqual({})
  expect((await settingsSeen(settings, {}, {}, { key: 'opened', none: 'too' })).seen[0]).toEqual({
    ...{ key: 'opened', none: 'too' },
  })
  expect((await settingsSeen(settings, {}, { KEY: 'from outside' }, { key: 'opened' })).seen[0]).toEqual({
    key: 'from outside',
  })
})

test('everything that is wrong with settings is told at once', async () => {
  const settings: SettingsDeclaration = {
    words: { ...base, type: 'string-list', itemMaxLength: 1 },
    deep: { ...base, type: 'boolean-flag' },
  }
  const { told } = await settingsSeen(settings, { words: ['aa', 3], deep: 'no', typo: 1 })
  const { message } = told[0] as { message: string }
  expect(message.split('; ')).toHaveLength(4)
  for (const part of ['"typo"', '/0 ', '/1 ', '"deep"']) expect(message).toContain(part)
})
