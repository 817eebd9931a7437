import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearest } from '@tenon/contract/schema'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })

/** The distance as it is defined, by trying everything. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [shortA, shortB] = [a.slice(1), b.slice(1)]
  const swap = a[0] === b[1] && a[1] === b[0] && a.length > 1 && b.length > 1
  return Math.min(
    slowDistance(shortA, shortB) + (a[0] === b[0] ? 0 : 1),
    slowDistance(shortA, b) + 1,
    slowDistance(a, shortB) + 1,
    swap ? slowDistance(a.slice(2), b.slice(2)) + 1 : Infinity,
  )
}

describe('the nearest word', () => {
  test.each([
    ['permision', 'permissions'],
    ['Permissions', 'permissions'],
    ['emial', 'email'],
    ['rutnime', 'runtime'],
    ['zzz', undefined],
    ['', undefined],
  ])('to %j is %j', (text, expected) => {
    expect(nearest(text, ['permissions', 'email', 'runtime', 'services'])).toBe(expected)
  })

  test('is as near as its slow twin says, and none is nearer', () => {
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 5 }), (text, candidates) => {
        const furthest = Math.max(1, Math.floor(text.length / 3))
        const distances = candidates.map((candidate) => slowDistance(text, candidate))
        const best = Math.min(...distances)
        expect(nearest(text, candidates)).toBe(best <= furthest ? candidates[distances.indexOf(best)] : undefined)
      }),
    )
  })

  test('to a word without end is found at once to be none', () => {
    const started = performance.now()
    expect(nearest('x'.repeat(1_000_000), ['permissions', 'email'])).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
