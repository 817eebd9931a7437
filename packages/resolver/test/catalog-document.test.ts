import { answerCatalog, readCatalog } from '@tenon/resolver'
import { describe, expect, test } from 'vitest'

async function answerTo(document: unknown): Promise<unknown> {
  const { value, problems } = readCatalog(JSON.stringify(document, null, 2))
  return value === undefined ? problems : answerCatalog(value)
}

const one = { root: { deps: { a: '^1' } }, packages: { a: { '1.2.0': { deps: { b: '*' } } }, b: { '1.0.0': {} } } }

describe('a catalog document', () => {
  test('is answered with the chosen versions and nothing else', async () => {
    expect(await answerTo(one)).toEqual({ ok: { a: '1.2.0', b: '1.0.0' } })
  })
  test('is answered with a message and fixes', async () => {
    expect(await answerTo({ ...one, runtime: {}, locked: {}, lockMode: 'pin', root: { deps: { a: '^2' } } })).toEqual({
      unsat: true,
      message: 'There is no solution: root needs a ^2 (no version fits; there is only 1.2.0).',
      fixes: ['use "a": "^1.2.0" in root', 'remove "a" from root'],
    })
  })
  test('is answered with warnings only when there are any', async () => {
    expect(await answerTo({ root: { optionalDeps: { zz: '*' } }, packages: {} })).toEqual({
      ok: {},
      warnings: ['zz *, optional for root, is left out. It cannot be had: root needs zz * (there is no plugin "zz").'],
    })
  })
  test('may be many scenarios, each answered by its name', async () => {
    const scenarios = [
      { name: 'first', ...one },
      { name: 'second', root: {}, packages: {} },
    ]
    expect(await answerTo({ scenarios })).toEqual({ first: { ok: { a: '1.2.0', b: '1.0.0' } }, second: { ok: {} } })
  })
})

describe('a problem of a catalog document', () => {
  test('is an unknown key, with its line', async () => {
    expect(await answerTo({ ...one, root: { dep: {} } })).toMatchObject([
      { pointer: '/root/dep', line: 3, hint: 'Did you mean "deps"?' },
    ])
    expect(await answerTo({ scenarios: [{ name: 'x', root: {}, pakages: {} }] })).toMatchObject([
      { pointer: '/scenarios/0/packages' },
      { pointer: '/scenarios/0/pakages' },
    ])
  })
  test('is a version that is none', async () => {
    expect(await answerTo({ root: {}, packages: { 'a/b': { '1.0': {} } } })).toMatchObject([
      { pointer: '/packages/a~1b/1.0', line: 5, code: 'CATALOG_VERSION', message: '"1.0" is no version' },
    ])
  })
  test('is a name that two scenarios share', async () => {
    const same = { name: 'same', root: {}, packages: {} }
    expect(await answerTo({ scenarios: [same, same] })).toMatchObject([
      { pointer: '/scenarios/1/name', code: 'CATALOG_NAME_TWICE', message: '"same" is used twice' },
    ])
  })
  test('is text that is no JSON', () => {
    expect(readCatalog('{')).toMatchObject({ value: undefined, problems: [{ code: 'JSON_SYNTAX' }] })
  })
})
