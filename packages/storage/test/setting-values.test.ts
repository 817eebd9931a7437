import { describe, expect, test } from 'vitest'
import type { Json, SettingDeclaration } from '@tenon/contract'
import { settingsSchema, validatorOf } from '@tenon/contract/schema'
import { settingProblems } from '@tenon/storage'

const label = 'A setting'
const options = [
  { value: 'a', label: 'A' },
  { value: 'b', label: 'B' },
]
type Case = { declaration: SettingDeclaration; good: Json[]; bad: [Json, string][] }

const cases: Case[] = [
  {
    declaration: { type: 'string-list', label, min: 1, max: 2, itemMaxLength: 3 },
    good: [['a'], ['abc', '']],
    bad: [
      ['a', 'list of texts'],
      [[1], 'list of texts'],
      [[], 'at least 1'],
      [['a', 'b', 'c'], 'at most 2'],
      [['abcd'], 'an entry of 4'],
    ],
  },
  { declaration: { type: 'string-list', label }, good: [[], ['a']], bad: [[null, 'list of texts']] },
  {
    declaration: { type: 'single-string', label, minLength: 2, maxLength: 3, pattern: '^[a-z]+$' },
    good: ['ab', 'abc'],
    bad: [
      [1, 'is no text'],
      ['a', 'at least 2'],
      ['abcd', 'at most 3'],
      ['AB', 'does not match'],
    ],
  },
  { declaration: { type: 'single-string', label, pattern: '(' }, good: [], bad: [['a', 'no regular expression']] },
  { declaration: { type: 'single-string', label }, good: [''], bad: [] },
  { declaration: { type: 'boolean-flag', label }, good: [true, false], bad: [['true', 'true or false']] },
  {
    declaration: { type: 'integer', label, min: 1, max: 9, step: 4 },
    good: [1, 5, 9],
    bad: [
      [0, 'at least 1'],
      [13, 'at most 9'],
      [4, 'steps of 4 from 1'],
      [1.5, 'no integer'],
      ['1', 'no integer'],
    ],
  },
  { declaration: { type: 'integer', label, step: 5 }, good: [0, -10], bad: [[3, 'steps of 5 from 0']] },
  {
    declaration: { type: 'enum-pick', label, options },
    good: ['a', 'b'],
    bad: [
      ['c', 'the choices are a, b'],
      [['a'], 'choices are'],
    ],
  },
  {
    declaration: { type: 'enum-multipick', label, options, min: 1 },
    good: [['a'], ['b', 'a']],
    bad: [
      ['a', 'list of choices'],
      [[], 'at least 1'],
      [['c'], 'choices are a, b'],
      [['a', 'a'], 'twice'],
    ],
  },
  {
    declaration: { type: 'path-glob', label },
    good: ['**/*.md'],
    bad: [
      ['', 'path pattern'],
      [['a'], 'path pattern'],
    ],
  },
  {
    declaration: { type: 'path-glob', label, multiple: true },
    good: ['a', ['a', 'b']],
    bad: [
      [['a', ''], 'path pattern'],
      [1, 'path pattern'],
    ],
  },
  {
    declaration: { type: 'regex', label, flags: 'i' },
    good: ['^a+$'],
    bad: [
      ['(', 'no regular expression'],
      [1, 'no text'],
    ],
  },
  {
    declaration: { type: 'secret', label },
    good: ['x'],
    bad: [
      ['', 'no text'],
      [1, 'no text'],
      ['x'.repeat(70_000), 'more than'],
    ],
  },
  {
    declaration: { type: 'key-value-list', label, max: 1 },
    good: [[], [{ key: 'a', value: '' }]],
    bad: [
      [{ a: 'b' }, 'list of { key, value }'],
      [[['a', 'b']], 'list of { key, value }'],
      [[null], 'list of { key, value }'],
      [['a'], 'list of { key, value }'],
      [[{ key: 'a' }], 'list of { key, value }'],
      [[{ key: 'a', value: 1 }], 'list of { key, value }'],
      [[{ key: 'a', value: '', more: '' }], 'list of { key, value }'],
      [
        [
          { key: 'a', value: '' },
          { key: 'b', value: '' },
        ],
        'at most 1',
      ],
    ],
  },
]

describe.each(cases)('a setting of type $declaration.type', ({ declaration, good, bad }) => {
  test('is declared as the contract says', () => {
    expect(validatorOf(settingsSchema).problems({ it: declaration })).toEqual([])
  })

  test.each(good.map((value) => ({ value })))('takes $value', ({ value }) => {
    expect(settingProblems('it', declaration, value)).toEqual([])
  })

  test.each(bad.map(([value, why]) => ({ value, why })))('refuses $value: $why', ({ value, why }) => {
    expect(settingProblems('it', declaration, value)[0]).toEqual({
      pointer: '/it',
      code: 'SETTING_INVALID',
      message: expect.stringContaining(why),
    })
  })
})

test('every problem of a value is reported', () => {
  const declaration: SettingDeclaration = { type: 'integer', label, max: 9, step: 4 }
  expect(settingProblems('it', declaration, 11)).toHaveLength(2)
})
