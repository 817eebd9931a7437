import { describe, expect, test } from 'vitest'
import { readSpec, settingSchema, validatorOf } from '@tenon/contract/schema'

const options = [
  { value: 'a', label: 'A' },
  { value: 'b', label: 'B' },
]
const problemsOf = (setting: object): string[] =>
  readSpec(
    JSON.stringify({
      specVersion: 1,
      id: 'demo',
      name: 'Demo',
      version: '1.0.0',
      runtime: { kind: 'node', entry: 'a.ts' },
      settings: { it: { label: 'It', ...setting } },
    }),
  ).problems.map(({ pointer, message }) => `${pointer.replace('/settings/it', '')} ${message}`)

describe('a setting', () => {
  const setting = validatorOf(settingSchema)
  test.each([
    [{ type: 'integer', label: 'n', min: 1 }, true],
    [{ type: 'enum-pick', label: 'n', options }, true],
    [{ type: 'enum-pick', label: 'n', options: [] }, false],
    [{ type: 'secret', label: 'n', envVar: 'NOTES_TOKEN' }, true],
    [{ type: 'secret', label: 'n', envVar: 'lower' }, false],
    [{ type: 'secret', label: 'n', envVar: 'TENON_TOKEN' }, false],
    [{ type: 'number', label: 'n' }, false],
    [{ type: 'integer' }, false],
  ])('%j is declared: %s', (value, valid) => {
    expect(setting.is(value)).toBe(valid)
    expect(setting.problems(value).length === 0).toBe(valid)
  })

  test.each([
    { type: 'string-list' },
    { type: 'string-list', min: 1, max: 2, itemMaxLength: 1, default: ['a', 'b'] },
    { type: 'single-string' },
    { type: 'single-string', minLength: 2, maxLength: 3, pattern: '^b', default: 'bc' },
    { type: 'boolean-flag', default: false },
    { type: 'integer', default: 0 },
    { type: 'integer', min: 1, max: 9, step: 2, default: 5 },
    { type: 'enum-pick', options, default: 'b' },
    { type: 'enum-multipick', options, min: 1, max: 2, default: ['a', 'b'] },
    { type: 'path-glob', default: '**/*.md' },
    { type: 'regex', flags: 'iu', default: '^a' },
    { type: 'secret' },
    { type: 'key-value-list', max: 1, default: [{ key: 'a', value: 'b' }] },
  ])('%j fits itself', (one) => {
    expect(problemsOf(one)).toEqual([])
  })

  test.each([
    [{ type: 'string-list', min: 2, max: 1 }, ['/min 2 is more than the upper bound, 1']],
    [{ type: 'string-list', min: 2, default: ['a'] }, ['/default the number of entries, 1, is less than 2']],
    [{ type: 'string-list', max: 1, default: ['a', 'b'] }, ['/default the number of entries, 2, is more than 1']],
    [
      { type: 'string-list', itemMaxLength: 2, default: ['a', 'abc'] },
      ['/default the length of "abc", 3, is more than 2'],
    ],
    [{ type: 'single-string', minLength: 3, maxLength: 2 }, ['/minLength 3 is more than the upper bound, 2']],
    [{ type: 'single-string', minLength: 3, default: 'ab' }, ['/default the length of "ab", 2, is less than 3']],
    [{ type: 'single-string', pattern: '(' }, [expect.stringMatching(/^\/pattern .*Unterminated group/)]],
    [{ type: 'integer', min: 2, max: 1 }, ['/min 2 is more than the upper bound, 1']],
    [{ type: 'integer', max: 3, default: 4 }, ['/default 4 is more than 3']],
    [{ type: 'integer', min: 1, step: 2, default: 4 }, ['/default 4 is reached by no steps of 2 from 1']],
    [{ type: 'enum-pick', options, default: 'c' }, ['/default "c" is none of a, b']],
    [{ type: 'enum-pick', options: [...options, options[0]] }, ['/options the value "a" is there twice']],
    [
      { type: 'enum-multipick', options, max: 1, default: ['a', 'c'] },
      ['/default the number of entries, 2, is more than 1', '/default "c" is none of a, b'],
    ],
    [{ type: 'enum-multipick', options, min: 3, max: 2 }, ['/min 3 is more than the upper bound, 2']],
    [{ type: 'regex', default: '[' }, [expect.stringMatching(/^\/default .*character class/)]],
    [{ type: 'regex', flags: 'gg', default: 'a' }, [expect.stringMatching(/^\/default .*flags/)]],
    [{ type: 'key-value-list', min: 1, default: [] }, ['/default the number of entries, 0, is less than 1']],
    [{ type: 'key-value-list', min: 1, max: 0 }, ['/min 1 is more than the upper bound, 0']],
  ])('%j contradicts itself', (one, expected) => {
    expect(problemsOf(one)).toEqual(expected)
  })

  test("a pattern is never matched at reading: it is somebody else's and may take for ever", () => {
    const one = { type: 'single-string', pattern: '^(a+)+$', default: `${'a'.repeat(64)}!` }
    expect(problemsOf(one)).toEqual([])
  })
})
