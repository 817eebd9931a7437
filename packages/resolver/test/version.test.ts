import { compareVersions, isRange, isVersion, newestFirst, releaseOf, requirementsOf, satisfies } from '@tenon/resolver'
import { describe, expect, test } from 'vitest'

describe('versions', () => {
  test.each(['1.0.0', '0.0.0-0', '1.2.3-rc.1+build.5', '1.0.0+a'])('%s is one', (text) =>
    expect(isVersion(text)).toBe(true),
  )
  test.each(['1.0', 'v1.0.0', '=1.0.0', ' 1.0.0', '01.0.0', '1.0.0-01', '', 'latest', `1.0.0-${'a'.repeat(300)}`])(
    '"%s" is none',
    (text) => expect(isVersion(text)).toBe(false),
  )
  test('are compared by precedence, then by build, and before what is none', () => {
    const sorted = [
      'x',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0',
      '1.0.0+a',
      '1.0.0+b',
      '1.10.0',
    ]
    expect(sorted.toReversed().sort(compareVersions)).toEqual(sorted)
    expect(compareVersions('x', 'y')).toBe(0)
  })
  test('newest first means stable ones first', () => {
    expect(newestFirst(['1.0.0', 'x', '2.0.0-rc.1', '1.2.0', '2.0.0-rc.2', '0.9.0'])).toEqual([
      '1.2.0',
      '1.0.0',
      '0.9.0',
      '2.0.0-rc.2',
      '2.0.0-rc.1',
      'x',
    ])
  })
})

describe('ranges', () => {
  test.each(['^1', '~1.2', '*', '', '>=1 <2 || 3.x', '1.0.0 - 2.0.0', '1'])('"%s" is one', (text) =>
    expect(isRange(text)).toBe(true),
  )
  test.each(['latest', 'git+https://example.com', '>>1', '^1 ||| 2'])('"%s" is none', (text) =>
    expect(isRange(text)).toBe(false),
  )
  test.each([
    ['1.2.3', '^1.2', true],
    ['2.0.0-rc.1', '^2.0.0-rc.0', true],
    ['2.0.1-rc.1', '^2.0.0-rc.0', false],
    ['2.0.0-rc.1', '>=1', false],
    ['0.3.0', '^0.2', false],
    ['1.0.0+a', '1.0.0+b', true],
    ['1.0', '*', false],
    ['1.0.0', 'latest', false],
  ])('%s in %s: %s', (version, range, expected) => expect(satisfies(version, range)).toBe(expected))
})

describe('what a spec needs', () => {
  test('is read with the publisher that a key names', () => {
    expect(requirementsOf({ b: '^1', 'acme/c': '*' })).toEqual([
      { id: 'b', range: '^1' },
      { id: 'c', range: '*', publisher: 'acme' },
    ])
    expect(requirementsOf(undefined)).toEqual([])
    expect(() => requirementsOf({ 'a b': '*' })).toThrow('"a b" is no plugin reference')
  })
  test('makes a release', () => {
    const ranges = (id: string) => [{ id, range: '^1' }]
    expect(
      releaseOf(
        {
          version: '1.0.0',
          publisher: 'acme',
          dependencies: { a: '^1' },
          optionalDependencies: { b: '^1' },
          ifPresent: { c: '^1' },
          conflicts: { d: '^1' },
          engines: { tenon: '>=1' },
        },
        true,
      ),
    ).toEqual({
      version: '1.0.0',
      publisher: 'acme',
      deps: ranges('a'),
      optionalDeps: ranges('b'),
      ifPresent: ranges('c'),
      conflicts: ranges('d'),
      engines: { tenon: '>=1' },
      yanked: true,
    })
    expect(releaseOf({ version: '1.0.0' }, false)).toMatchObject({ deps: [], engines: {}, yanked: false })
  })
})
