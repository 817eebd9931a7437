import { limits } from '@tenon/contract'
import { describe, expect, test } from 'vitest'
import { fixesOf, messageOf, warningsOf } from './scenario.ts'

describe('a message tells apart', () => {
  test('a plugin that does not exist', async () => {
    expect(await messageOf('root: a *')).toMatchInlineSnapshot(
      `"There is no solution: root needs a * (there is no plugin "a")."`,
    )
    expect(await messageOf('root: a *; a: 1.0.0 (zz ^1) 2.0.0 (zz ^1)')).toMatchInlineSnapshot(
      `"Because root needs a * and every a needs zz ^1 (there is no plugin "zz"), there is no solution."`,
    )
  })
  test('a version that does not exist', async () => {
    expect(await messageOf('root: a ^3; a: 1.0.0 1.5.0 2.0.0')).toMatchInlineSnapshot(
      `"There is no solution: root needs a ^3 (no version fits; there is only 1.0.0 - 2.0.0)."`,
    )
    expect(await messageOf('root: a ^1; a: 1.0.0-beta.1')).toMatchInlineSnapshot(
      `"There is no solution: root needs a ^1 (no version fits; there is only 1.0.0-beta.1)."`,
    )
  })
  test('a yanked version, naming only those that were asked for', async () => {
    expect(await messageOf('root: a ^1; a: 0.9.0 (yanked) 1.0.0 (yanked) 1.1.0 (yanked) 2.0.0')).toMatchInlineSnapshot(
      `"Because a 1.0.0 - 1.1.0 is yanked and root needs a ^1, there is no solution."`,
    )
  })
  test('a runtime that is too old, and one that is not there', async () => {
    const old = 'root: a *; a: 1.0.0 (@tenon >=9) 1.1.0 (@tenon >=9); runtime: tenon 1.4.0'
    expect(await messageOf(old)).toMatchInlineSnapshot(
      `"Because every a needs tenon >=9 (the runtime has 1.4.0) and root needs a *, there is no solution."`,
    )
    expect(await messageOf(old.replace('runtime: tenon', 'runtime: node'))).toMatchInlineSnapshot(
      `"Because every a needs tenon >=9 (the runtime has no tenon) and root needs a *, there is no solution."`,
    )
  })
  test('a conflict', async () => {
    expect(await messageOf('root: a *, b *; a: 1.0.0 (!b ^1); b: 1.0.0')).toMatchInlineSnapshot(
      `"Because root needs b *, a 1.0.0 conflicts with b ^1 and root needs a *, there is no solution."`,
    )
  })
  test('a condition on what is there anyway', async () => {
    expect(await messageOf('root: a *, b ^2; a: 1.0.0 (&b ^1); b: 2.0.0')).toMatchInlineSnapshot(
      `"Because root needs b ^2, a 1.0.0 goes only with b ^1 and root needs a *, there is no solution."`,
    )
  })
  test('a cycle, with its path', async () => {
    expect(
      await messageOf('root: a *; a: 1.0.0 (b *) 2.0.0 (b *); b: 1.0.0 (c *); c: 1.0.0 (a *)'),
    ).toMatchInlineSnapshot(
      `"Because b 1.0.0 needs c * and every a, b 1.0.0 and c 1.0.0 need each other (a → b → c → a), every a and b 1.0.0 exclude each other. So, because every a needs b * and root needs a *, there is no solution."`,
    )
    expect(await messageOf('root: a *; a: 1.0.0 (a *)')).toMatchInlineSnapshot(
      `"Because root needs a * and a 1.0.0 needs itself (a → a), there is no solution."`,
    )
  })
  test('a pin, and a pin on what is gone', async () => {
    expect(await messageOf('root: a *, b *; a: 1.0.0 (b ^2); b: 1.0.0 2.0.0; pin: b 1.0.0')).toMatchInlineSnapshot(
      `"Because b is pinned to 1.0.0 by the lock, a 1.0.0 needs b ^2 and root needs a *, there is no solution."`,
    )
    expect(await messageOf('root: b *; b: 1.0.0 2.0.0; pin: b 1.5.0')).toMatchInlineSnapshot(
      `"Because b is pinned to 1.5.0 by the lock (there is no such version) and root needs b *, there is no solution."`,
    )
  })
  test('a range that is none', async () => {
    expect(await messageOf('root: a soon; a: 1.0.0')).toMatchInlineSnapshot(
      `"There is no solution: root names a as "soon" (that is no range)."`,
    )
    expect(await messageOf('root: a *; a: 1.0.0 (b soon); b: 1.0.0')).toMatchInlineSnapshot(
      `"Because root needs a * and a 1.0.0 names b as "soon" (that is no range), there is no solution."`,
    )
  })
})

describe('a longer message', () => {
  test('goes from what clashes to what was wanted', async () => {
    expect(
      await messageOf('root: a *, b *; a: 1.0.0 (c ^1) 1.1.0 (c ^1); b: 1.0.0 (d *); d: 1.0.0 (c ^2); c: 1.0.0 2.0.0'),
    ).toMatchInlineSnapshot(
      `"Because every a needs c ^1 and d 1.0.0 needs c ^2, every a and d 1.0.0 exclude each other. So, because b 1.0.0 needs d *, root needs b * and root needs a *, there is no solution."`,
    )
  })
  test('tells many like ranges as one', async () => {
    const releases = Array.from({ length: 20 }, (_, v) => `1.${v}.0 (b ~1.${v}.0)`).join(' ')
    const targets = Array.from({ length: 20 }, (_, v) => `1.${v}.0`).join(' ')
    expect(await messageOf(`root: a *, b ^2; a: ${releases}; b: ${targets} 2.0.0`)).toMatchInlineSnapshot(
      `"Because root needs b ^2, every a needs b 1.0.0 - 1.19.0 and root needs a *, there is no solution."`,
    )
  })
  test('does not name what has no part in it', async () => {
    const text = await messageOf(
      'root: a *, b *, x *; a: 1.0.0 (c ^1, x *); b: 1.0.0 (c ^2, y *); c: 1.0.0 2.0.0; x: 1.0.0 2.0.0 (y ^1); y: 1.0.0 2.0.0',
    )
    expect(text).toMatch(/\ba\b.*\bb\b.*\bc\b/)
    expect(text).not.toMatch(/\b[xy]\b/)
  })
  test('numbers a conclusion that it needs twice', async () => {
    expect(
      await messageOf(
        `root: q0 *, q1 *, q2 *; q0: 1.0.0 (!q1 1.0.0, !q2 1.0.0) 2.0.0 (!q1 2.0.0, !q2 2.0.0);
        q1: 1.0.0 (!q2 1.0.0) 2.0.0 (!q2 2.0.0); q2: 1.0.0 2.0.0`,
      ),
    ).toMatchInlineSnapshot(
      `"(1) Because q0 1.0.0 conflicts with q1 1.0.0, q1 2.0.0 conflicts with q2 2.0.0 and q0 1.0.0 conflicts with q2 1.0.0, q0 1.0.0, every q1 and every q2 exclude each other. Because q1 1.0.0 conflicts with q2 1.0.0, q0 2.0.0 conflicts with q2 2.0.0 and q0 2.0.0 conflicts with q1 2.0.0, q0 2.0.0, every q1 and every q2 exclude each other. So, by (1) and because root needs q2 *, root needs q1 * and root needs q0 *, there is no solution."`,
    )
  })
  test('is cut in whole sentences when it grows too long, and so are long names and long lists', async () => {
    const pigeons = Array.from({ length: 6 }, (_, i) => {
      const holes = Array.from({ length: 5 }, (__, k) => {
        const others = Array.from({ length: 6 }, (___, j) => (j === i ? '' : `!q${j} ${k}.0.0`))
        return `${k}.0.0 (${others.filter((part) => part !== '').join(', ')})`
      })
      return `q${i}: ${holes.join(' ')}`
    })
    const text = await messageOf(`root: ${pigeons.map((_, i) => `q${i} *`).join(', ')}; ${pigeons.join('; ')}`)
    expect(text.length).toBeLessThanOrEqual(limits.resolveMessageChars)
    expect(text).toMatch(/\. \(\d+ more steps are left out\.\) .* there is no solution\.$/)
    expect(await messageOf(`root: ${'x'.repeat(5000)} ^1`)).toHaveLength(378)
    const scattered = Array.from({ length: 12 }, (_, v) => `1.${v}.0 ${v % 2 === 0 ? '(!b *)' : '(c *)'}`)
    expect(await messageOf(`root: a *, b *; b: 1.0.0; a: ${scattered.join(' ')}`)).toMatchInlineSnapshot(
      `"Because root needs b * and a 1.0.0 || 1.2.0 || 1.4.0 || … conflicts with b *, a 1.0.0 || 1.2.0 || 1.4.0 || … cannot be used. So, because root needs a * and a 1.1.0 || 1.3.0 || 1.5.0 || … needs c * (there is no plugin "c"), there is no solution."`,
    )
  })
  test('of a very long chain tells both its ends, at once', async () => {
    const chain = Array.from({ length: 600 }, (_, i) => `p${i}: 1.0.0 (p${i + 1} *)`)
    const text = await messageOf(`root: p0 *; ${chain.join('; ')}`)
    expect(text).toContain('there is no plugin "p600"')
    expect(text).toContain('root needs p0 *')
    expect(text.length).toBeLessThanOrEqual(limits.resolveMessageChars)
  })
  test('speaks of whoever asks by the name that is given', async () => {
    const { resolve } = await import('@tenon/resolver')
    const nobody = { releases: async () => [] }
    const answer = await resolve(nobody, { name: 'tenon.json', deps: [{ id: 'a', range: '^1' }], optionalDeps: [] })
    expect(answer).toEqual({
      ok: false,
      message: 'There is no solution: tenon.json needs a ^1 (there is no plugin "a").',
      fixes: ['remove "a" from tenon.json'],
    })
  })
})

describe('a fix', () => {
  test('is another range of what is wanted', async () => {
    expect(
      await fixesOf('root: a ^1, b ^1; a: 1.0.0 (c ^1) 2.0.0 (c ^2); b: 1.0.0 (c ^2) 1.1.0 (c ^2); c: 1.0.0 2.0.0'),
    ).toEqual(['use "a": "^2.0.0" in root', 'remove "a" from root', 'remove "b" from root'])
  })
  test('may be a prerelease when there is nothing else', async () => {
    expect(await fixesOf('root: a ^1; a: 1.0.0-beta.1 1.0.0-beta.2')).toContain('use "a": "^1.0.0-beta.2" in root')
  })
  test('is a newer runtime', async () => {
    expect(await fixesOf('root: a *; a: 1.0.0 (@tenon >=9.1); runtime: tenon 1.4.0')).toContain('run on tenon 9.1.0')
    expect(await fixesOf('root: a *; a: 1.0.0 (@tenon soon); runtime: tenon 1.4.0')).toEqual(['remove "a" from root'])
  })
  test('is to unpin', async () => {
    expect(await fixesOf('root: a *; a: 1.0.0 (b ^2); b: 1.0.0 2.0.0; pin: b 1.0.0')).toEqual([
      'unpin "b"',
      'remove "a" from root',
    ])
  })
  test('is never one of more than three', async () => {
    expect(
      await fixesOf('root: a ^1, b ^1, d *; a: 1.0.0 (c 1.x) 2.0.0; b: 1.0.0 (c 2.x) 2.0.0; c: 1.0.0 2.0.0; d: 1.0.0'),
    ).toEqual(['use "a": "^2.0.0" in root', 'use "b": "^2.0.0" in root', 'remove "a" from root'])
  })
})

test('a dropped optional dependency is told with its reason', async () => {
  expect(
    await warningsOf('root: a *, ?b ^1, ?m *, ?d *; a: 1.0.0 (c *); b: 1.0.0 (c ^1); c: 1.0.0 2.0.0; d: 1.0.0 (c ^2)'),
  ).toMatchInlineSnapshot(`
    [
      "d *, optional for root, is left out. Because d 1.0.0 needs c ^2 and b 1.0.0 needs c ^1, b 1.0.0 and d 1.0.0 exclude each other. So, because root needs d * and root needs b ^1, it cannot be had.",
      "m *, optional for root, is left out. It cannot be had: root needs m * (there is no plugin "m").",
    ]
  `)
})
