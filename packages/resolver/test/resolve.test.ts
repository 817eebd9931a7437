import { answerCatalog, readCatalog, requirementsOf, resolve, type Catalog, type Release } from '@tenon/resolver'
import { describe, expect, test } from 'vitest'
import { check, fixesOf, messageOf } from './scenario.ts'

describe('choosing', () => {
  test('takes the newest version that fits', () => check('root: a ^1; a: 1.0.0 1.2.0 2.0.0', 'a 1.2.0'))
  test('brings what is needed, and nothing else', () =>
    check('root: a *; a: 1.0.0 (b *); b: 1.0.0 (c ^1); c: 1.0.0 2.0.0; d: 1.0.0', 'a 1.0.0, b 1.0.0, c 1.0.0'))
  test('needs nothing when nothing is wanted', () => check('root: ; a: 1.0.0', ''))
  test('gives one version to two that need different ranges of it', () =>
    check('root: a *, b *; a: 1.0.0 (c >=1); b: 1.0.0 (c <2); c: 1.0.0 1.9.0 2.0.0', 'a 1.0.0, b 1.0.0, c 1.9.0'))
  test('steps back in a diamond where the newest of each would clash', () =>
    check(
      'root: a *, b *; a: 1.0.0 (c ^1) 2.0.0 (c ^2); b: 1.0.0 (c ^1) 1.1.0 (c ^1); c: 1.0.0 2.0.0',
      'a 1.0.0, b 1.1.0, c 1.0.0',
    ))
  test('steps back over many packages that have nothing to do with the conflict', () => {
    const filler = Array.from({ length: 30 }, (_, i) => `f${i}: ${versions(20)}`).join('; ')
    const wanted = Array.from({ length: 30 }, (_, i) => `f${i} *`).join(', ')
    const expected = Array.from({ length: 30 }, (_, i) => `f${i} 19.0.0`).toSorted()
    const all = ['a 1.0.0', 'b 1.0.0', ...expected].join(', ')
    return check(`root: a *, ${wanted}; a: 1.0.0 (b ^1) 2.0.0 (b ^2); b: 1.0.0 2.0.0 (z *); ${filler}`, all)
  })
  test('finds the one combination at the end of a deep chain', () => {
    const chain = Array.from({ length: 12 }, (_, i) => {
      const releases = Array.from({ length: 8 }, (__, v) => `${v}.0.0 (p${i + 1} ${v}.x)`)
      return `p${i}: ${releases.join(' ')}`
    })
    const expected = Array.from({ length: 13 }, (_, i) => `p${i} 0.0.0`)
      .toSorted()
      .join(', ')
    return check(`root: p0 *; ${chain.join('; ')}; p12: 0.0.0`, expected)
  })
  test('gives up a newer version of one wanted plugin for another that cannot move', () =>
    check('root: a *, b 1.0.0; a: 1.0.0 2.0.0 (b ^2); b: 1.0.0 2.0.0', 'a 1.0.0, b 1.0.0'))
  test('does not depend on the order in which a document is written', async () => {
    await check(
      'root: a *, b *; a: 1.0.0 2.0.0 (c 1.x); b: 1.0.0 2.0.0 (c 2.x); c: 1.0.0 2.0.0',
      'a 2.0.0, b 1.0.0, c 1.0.0',
    )
    await check(
      'root: b *, a *; c: 2.0.0 1.0.0; b: 2.0.0 (c 2.x) 1.0.0; a: 2.0.0 (c 1.x) 1.0.0',
      'a 2.0.0, b 1.0.0, c 1.0.0',
    )
  })
  test('takes ids as they are, even those that every object has', async () => {
    await check('root: constructor *; constructor: 1.0.0', 'constructor 1.0.0')
    expect(await messageOf('root: constructor *')).toContain('there is no plugin "constructor"')
    const text =
      '{"root":{"deps":{"__proto__":"*"}},"packages":{"__proto__":{"1.0.0":{"deps":{"@scope/x":"*"}}},"@scope/x":{"1.0.0":{}}}}'
    const { value } = readCatalog(text)
    expect(JSON.stringify(value && (await answerCatalog(value)))).toBe(
      '{"ok":{"@scope/x":"1.0.0","__proto__":"1.0.0"}}',
    )
  })
})

describe('ranges', () => {
  test('a caret of 0.x stays within the minor version', () => check('root: a ^0.2.1; a: 0.2.0 0.2.9 0.3.0', 'a 0.2.9'))
  test('a caret of 0.0.x stays at the patch', () => check('root: a ^0.0.3; a: 0.0.3 0.0.4', 'a 0.0.3'))
  test('a caret of 0 takes any 0.x', () => check('root: a ^0; a: 0.0.3 0.9.4 1.0.0', 'a 0.9.4'))
  test('a tilde stays within the minor version', () => check('root: a ~1.2.3; a: 1.2.2 1.2.9 1.3.0', 'a 1.2.9'))
  test('a star takes no prerelease', () => check('root: a *; a: 1.0.0 2.0.0-rc.1', 'a 1.0.0'))
  test('a caret of a prerelease takes later ones of the same version', () =>
    check('root: a ^1.2.0-beta.1; a: 1.2.0-alpha.9 1.2.0-beta.1 1.2.0-beta.10', 'a 1.2.0-beta.10'))
  test('a caret of a prerelease takes the stable version that follows', () =>
    check('root: a ^1.2.0-beta.1; a: 1.2.0-beta.2 1.2.0 1.3.0-beta.1', 'a 1.2.0'))
  test('a caret of a prerelease takes none of another version', () =>
    check('root: a ^1.2.0-beta.1; a: 1.2.0-beta.2 1.3.0-beta.1', 'a 1.2.0-beta.2'))
  test('a tilde of a prerelease does the same', () =>
    check('root: a ~1.2.0-beta.1; a: 1.2.0-beta.2 1.2.1-beta.1 1.3.0', 'a 1.2.0-beta.2'))
  test('a stable version is preferred to a newer prerelease that fits', () =>
    check('root: a ^1 || 2.0.0-rc.1; a: 1.0.0 2.0.0-rc.1', 'a 1.0.0'))
  test('build metadata does not count, but decides alike every time', () =>
    check('root: a 1.0.0; a: 1.0.0+b 1.0.0+a', 'a 1.0.0+b'))
  test('hyphens, alternatives and comparators are understood', () =>
    check(
      'root: a 1.0.0 - 1.5.0, b ^3 || ^1, c >1.0.0 <=2.0.0; a: 1.5.0 1.6.0; b: 1.0.0 2.0.0; c: 2.0.0 2.0.1',
      'a 1.5.0, b 1.0.0, c 2.0.0',
    ))
})

describe('the lock', () => {
  test('keeps the locked version', () => check('root: a ^1; a: 1.0.0 1.2.0; lock: a 1.0.0', 'a 1.0.0'))
  test('leaves a preferred version that no longer fits', () =>
    check('root: a ^1.1; a: 1.0.0 1.2.0; lock: a 1.0.0', 'a 1.2.0'))
  test('leaves a preferred version that is gone', () => check('root: a ^1; a: 1.2.0; lock: a 1.0.0', 'a 1.2.0'))
  test('keeps a locked prerelease that fits', () =>
    check('root: a ^1.0.0-rc.1; a: 1.0.0-rc.1 1.0.0; lock: a 1.0.0-rc.1', 'a 1.0.0-rc.1'))
  test('lets a pinned version decide about others', () =>
    check('root: a *, b *; a: 1.0.0 (b 1.x) 2.0.0 (b 2.x); b: 1.0.0 2.0.0; pin: b 1.0.0', 'a 1.0.0, b 1.0.0'))
  test('never brings a plugin for being locked', () => check('root: a *; a: 1.0.0; b: 1.0.0; pin: b 1.0.0', 'a 1.0.0'))
  test('a lock without a mode prefers', async () => {
    const resolution = await resolve(catalogOf({ a: [release('1.0.0'), release('2.0.0')] }), {
      deps: requirementsOf({ a: '*' }),
      optionalDeps: [],
      locked: { a: '1.0.0' },
    })
    expect(resolution).toEqual({ ok: true, plugins: { a: { version: '1.0.0', edges: {} } }, warnings: [] })
  })
  test('takes a yanked version only where it is locked', async () => {
    await check('root: a *; a: 1.0.0 1.1.0 (yanked)', 'a 1.0.0')
    await check('root: a *; a: 1.0.0 1.1.0 (yanked); lock: a 1.1.0', 'a 1.1.0')
    await check('root: a *; a: 1.0.0 (yanked) 1.1.0 (yanked); pin: a 1.0.0', 'a 1.0.0')
  })
})

describe('runtime', () => {
  test('takes the newest version that the runtime can run', () =>
    check('root: a *; a: 1.0.0 (@tenon ^1) 2.0.0 (@tenon ^2); runtime: tenon 1.4.0', 'a 1.0.0'))
  test('is not checked when it is not known', () => check('root: a *; a: 1.0.0 2.0.0 (@tenon ^9)', 'a 2.0.0'))
  test('refuses an engine that is not among those given', () =>
    check('root: a *; a: 1.0.0 2.0.0 (@python >=3); runtime: tenon 1.4.0', 'a 1.0.0'))
  test('reads a prerelease of the runtime as what it leads to', () =>
    check('root: a *; a: 1.0.0 2.0.0 (@tenon >=1); runtime: tenon 2.0.0-rc.1', 'a 2.0.0'))
  test('refuses an engine range that is none, and a runtime version that is none', async () => {
    await check('root: a *; a: 1.0.0 2.0.0 (@tenon soon); runtime: tenon 1.4.0', 'a 1.0.0')
    await check('root: a *; a: 1.0.0 2.0.0 (@tenon *); runtime: tenon latest', 'a 1.0.0')
  })
})

describe('conditions', () => {
  test('ifPresent brings nothing', () => check('root: a *; a: 1.0.0 (&b ^1); b: 1.0.0', 'a 1.0.0'))
  test('ifPresent holds once something else brings it', () =>
    check('root: a *, b *; a: 1.0.0 (&b ^1); b: 1.0.0 2.0.0', 'a 1.0.0, b 1.0.0'))
  test('ifPresent may name what does not exist', () => check('root: a *; a: 1.0.0 (&zz ^1)', 'a 1.0.0'))
  test('a conflict is stepped round', () =>
    check('root: a *, b *; a: 1.0.0 2.0.0 (!b >=1); b: 1.0.0', 'a 1.0.0, b 1.0.0'))
  test('a conflict says nothing of other versions', () =>
    check('root: a *, b *; a: 2.0.0 (!b <2); b: 1.0.0 2.0.0', 'a 2.0.0, b 2.0.0'))
  test('a release with a range that is none is never chosen', () =>
    check('root: a *; a: 1.0.0 2.0.0 (b soon); b: 1.0.0', 'a 1.0.0'))
})

describe('cycles', () => {
  test('an older version without the cycle is found', () =>
    check('root: a *; a: 1.0.0 2.0.0 (b *); b: 1.0.0 (c *); c: 1.0.0 (a *)', 'a 1.0.0'))
  test('the cycle may be broken anywhere', () =>
    check('root: a *; a: 1.0.0 (b *); b: 1.0.0 2.0.0 (a *)', 'a 1.0.0, b 1.0.0'))
  test('a plugin that needs itself is refused', () => check('root: a *; a: 1.0.0 2.0.0 (a ^2)', 'a 1.0.0'))
  test('every one of many cycles is refused', () =>
    check(`root: a *; a: 0.1.0 ${versionsWith(30, 'b *')}; b: ${versionsWith(30, 'a *')}`, 'a 0.1.0'))
  test('ifPresent closes no cycle', () => check('root: a *; a: 1.0.0 (b *); b: 1.0.0 (&a *)', 'a 1.0.0, b 1.0.0'))
})

describe('a catalog', () => {
  test('answers with the edges that a lock needs', async () => {
    const catalog = catalogOf({
      a: [release('1.0.0', { deps: { b: '^1' }, optionalDeps: { c: '*', d: '*' } })],
      b: [release('1.1.0')],
      c: [release('3.0.0')],
    })
    const resolution = await resolve(catalog, {
      name: 'tenon.json',
      deps: requirementsOf({ a: '*' }),
      optionalDeps: [],
    })
    expect(resolution).toEqual({
      ok: true,
      plugins: {
        a: { version: '1.0.0', edges: { b: '^1', c: '*' } },
        b: { version: '1.1.0', edges: {} },
        c: { version: '3.0.0', edges: {} },
      },
      warnings: [
        'd *, optional for a, is left out. Because a 1.0.0 is chosen and a 1.0.0 needs d * (there is no plugin "d"), it cannot be had.',
      ],
    })
  })
  test('is asked for each plugin once, however often it is solved', async () => {
    const asked: string[] = []
    const inner = catalogOf({ a: [release('1.0.0', { deps: { b: '^1' } })], b: [release('2.0.0')] })
    await resolve(
      { releases: (id) => (asked.push(id), inner.releases(id)) },
      { deps: requirementsOf({ a: '*' }), optionalDeps: requirementsOf({ b: '*' }) },
    )
    expect(asked.toSorted()).toEqual(['a', 'b'])
  })
  test('that fails is not taken for an empty one', async () => {
    const broken: Catalog = { releases: () => Promise.reject(new Error('no line')) }
    await expect(resolve(broken, { deps: requirementsOf({ a: '*' }), optionalDeps: [] })).rejects.toThrow('no line')
  })
  test('with a version that is none is a fault', async () => {
    const wrong = catalogOf({ a: [release('1.0')] })
    await expect(resolve(wrong, { deps: requirementsOf({ a: '*' }), optionalDeps: [] })).rejects.toMatchObject({
      code: 'REFERENCE_INVALID',
      message: '"1.0" is no version of "a"',
    })
  })
  test('gives a plugin only from the publisher that is named', async () => {
    const catalog = catalogOf({
      a: [release('1.0.0', { publisher: 'acme' }), release('2.0.0', { publisher: 'other' })],
    })
    const by = (key: string) => resolve(catalog, { deps: requirementsOf({ [key]: '*' }), optionalDeps: [] })
    expect(await by('acme/a')).toMatchObject({ plugins: { a: { version: '1.0.0' } } })
    expect(await by('nobody/a')).toMatchObject({
      message: 'There is no solution: root needs nobody/a * (no version by nobody fits; there is only 1.0.0 - 2.0.0).',
      fixes: ['remove "nobody/a" from root'],
    })
  })
})

test('a search that takes too long is given up with a code', async () => {
  const holes = Array.from({ length: 9 }, (_, k) => `${k + 1}.0.0`)
  const others = (i: number, version: string) =>
    Array.from({ length: 10 }, (_, j) => (j === i ? '' : `!q${j} ${version}`)).filter((part) => part !== '')
  const pigeons = Array.from(
    { length: 10 },
    (_, i) => `q${i}: ${holes.map((version) => `${version} (${others(i, version).join(', ')})`).join(' ')}`,
  )
  const wanted = pigeons.map((_, i) => `q${i} *`).join(', ')
  await expect(check(`root: ${wanted}; ${pigeons.join('; ')}`, '')).rejects.toMatchObject({ code: 'RESOLVE_TOO_HARD' })
})

test('a graph of a thousand plugins with thirty versions each is solved in seconds', async () => {
  const plugins = Array.from({ length: 1000 }, (_, i) => {
    const releases = Array.from({ length: 30 }, (__, v) => {
      const needs = [1, 3].filter((step) => i + step < 1000).map((step) => `p${i + step} >=${Math.max(0, v - 2)}`)
      return `${v}.0.0 (${needs.join(', ')})`
    })
    return `p${i}: ${releases.join(' ')}`
  })
  const began = performance.now()
  expect(await messageOf(`root: p0 *; ${plugins.join('; ')}`)).toContain('solved: p0 29.0.0')
  expect(performance.now() - began).toBeLessThan(15_000)
})

test('nothing is promised by a fix that does not work', async () => {
  expect(await fixesOf('root: a *, b *; a: 1.0.0 (zz *); b: 1.0.0 (yy *)')).toEqual([])
})

function versions(count: number): string {
  return Array.from({ length: count }, (_, v) => `${v}.0.0`).join(' ')
}

function versionsWith(count: number, needs: string): string {
  return Array.from({ length: count }, (_, v) => `${v + 1}.0.0 (${needs})`).join(' ')
}

type Ranges = Record<string, string>
type Parts = { publisher?: string; deps?: Ranges; optionalDeps?: Ranges }

const release = (version: string, { publisher, deps, optionalDeps }: Parts = {}): Release => ({
  version,
  ...(publisher === undefined ? {} : { publisher }),
  deps: requirementsOf(deps),
  optionalDeps: requirementsOf(optionalDeps),
  ifPresent: [],
  conflicts: [],
  engines: {},
  yanked: false,
})

const catalogOf = (plugins: Record<string, Release[]>): Catalog => ({
  releases: async (id) => plugins[id] ?? [],
})
