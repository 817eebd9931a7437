import { describe, expect, test } from 'vitest'
import { check, messageOf, warningsOf } from './scenario.ts'

describe('an optional dependency', () => {
  test('is met where it can be', () => check('root: a *, ?b ^1; a: 1.0.0; b: 1.0.0 2.0.0', 'a 1.0.0, b 1.0.0'))
  test('of a dependency is met, too, and brings its own', () =>
    check('root: a *; a: 1.0.0 (?b *); b: 1.0.0 (c *, ?d *); c: 1.0.0; d: 1.0.0', 'a 1.0.0, b 1.0.0, c 1.0.0, d 1.0.0'))
  test('is dropped when there is no such plugin', () => check('root: a *; a: 1.0.0 (?b *)', 'a 1.0.0'))
  test('is dropped when no version fits', () => check('root: a *; a: 1.0.0 (?b ^2); b: 1.0.0', 'a 1.0.0'))
  test('is dropped when what it needs is missing', () =>
    check('root: a *; a: 1.0.0 (?b *); b: 1.0.0 (zz *)', 'a 1.0.0'))
  test('is dropped when it clashes with what is required', () =>
    check('root: a *, c ^1; a: 1.0.0 (?b *); b: 1.0.0 (c ^2); c: 1.0.0 2.0.0', 'a 1.0.0, c 1.0.0'))
  test('is dropped when its range is none', () => check('root: a *; a: 1.0.0 (?b soon); b: 1.0.0', 'a 1.0.0'))
  test('is dropped when it would close a cycle', async () => {
    await check('root: a *; a: 1.0.0 (?b *); b: 1.0.0 (a *)', 'a 1.0.0')
    expect(await warningsOf('root: a *; a: 1.0.0 (?b *); b: 1.0.0 (a *)')).toEqual([
      'b *, optional for a, is left out. Because a 1.0.0 needs b *, a 1.0.0 and b 1.0.0 need each other (a → b → a) and a 1.0.0 is chosen, it cannot be had.',
    ])
  })
  test('never moves its owner to another version', () =>
    check('root: a *; a: 1.0.0 2.0.0 (?b *); b: 1.0.0 (zz *)', 'a 2.0.0'))
  test('may move what is required to an older version', () =>
    check('root: a *, ?b *; a: 1.0.0 (c *); b: 1.0.0 (c ^1); c: 1.0.0 2.0.0', 'a 1.0.0, b 1.0.0, c 1.0.0'))
  test('never makes its own owner needless to be met', () =>
    check('root: r *; r: 1.0.0 2.0.0 (c *); c: 1.0.0 (?d *); d: 1.0.0 (!r 2.0.0)', 'c 1.0.0, r 2.0.0'))
  test('is tried in the version that an earlier one led to', () =>
    check('root: a *, ?x *; a: 1.0.0 (?b *) 2.0.0 (?zz *); x: 1.0.0 (a 1.x); b: 1.0.0', 'a 1.0.0, b 1.0.0, x 1.0.0'))
  test('of a version that was left in the end is not spoken of', async () => {
    const text = 'root: a *, ?w *; a: 1.0.0 2.0.0 (?zz *); w: 1.0.0 (?v *); v: 1.0.0 (a 1.x)'
    await check(text, 'a 1.0.0, v 1.0.0, w 1.0.0')
    expect(await warningsOf(text)).toEqual([])
  })
  test('counts as met by what is there anyway', async () => {
    expect(await warningsOf('root: a *, b ^1; a: 1.0.0 (?b ^1); b: 1.0.0')).toEqual([])
    expect(await warningsOf('root: a *, b ^2; a: 1.0.0 (?b ^1); b: 1.0.0 2.0.0')).toHaveLength(1)
  })
  test('nearest the root wins, then the first by id', async () => {
    await check('root: a *, ?x *; a: 1.0.0 (?b *); b: 1.0.0 (!x *); x: 1.0.0', 'a 1.0.0, x 1.0.0')
    await check('root: ?x *, ?w *; x: 1.0.0 (!w *); w: 1.0.0', 'w 1.0.0')
  })
  test('that fails costs the others nothing', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `o${i}`)
    const plugins = ids.map((id, at) => `${id}: 1.0.0 ${at % 13 === 5 ? '(zz *)' : ''}`)
    const kept = ids.filter((_, at) => at % 13 !== 5).map((id) => `${id} 1.0.0`)
    await check(`root: ${ids.map((id) => `?${id} *`).join(', ')}; ${plugins.join('; ')}`, kept.toSorted().join(', '))
  })
  test('cannot rescue or spoil what is required', async () => {
    expect(await messageOf('root: a ^2, ?b *; a: 1.0.0; b: 1.0.0')).toContain('root needs a ^2')
    expect(await messageOf('root: a ^2, ?b *; a: 1.0.0; b: 1.0.0')).not.toContain('b *')
  })
  test('whose search takes too long is dropped, not waited for', async () => {
    const holes = Array.from({ length: 8 }, (_, k) => `${k + 1}.0.0`)
    const pigeons = Array.from({ length: 9 }, (_, i) => {
      const others = (version: string) =>
        Array.from({ length: 9 }, (__, j) => (j === i ? '!none *' : `!q${j} ${version}`))
      return `q${i}: ${holes.map((version) => `${version} (${others(version).join(', ')})`).join(' ')}`
    })
    const all = pigeons.map((_, i) => `q${i} *`).join(', ')
    expect(await warningsOf(`root: a *, ?hard *; a: 1.0.0; hard: 1.0.0 (${all}); ${pigeons.join('; ')}`)).toEqual([
      'hard *, optional for root, is left out. The search was given up.',
    ])
  })
})
