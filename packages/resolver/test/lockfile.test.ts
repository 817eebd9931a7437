import { readFileSync } from 'node:fs'
import { lockfileText, readLockfile, type LockedPlugin, type Lockfile } from '@tenon/resolver'
import { describe, expect, test } from 'vitest'

const DIGEST = `sha256:${'0'.repeat(64)}`
const plugin = (parts: Partial<LockedPlugin> = {}): LockedPlugin => ({
  version: '1.0.0',
  digest: DIGEST,
  signer: null,
  registry: 'https://registry.example',
  edges: {},
  ...parts,
})
const lock = (plugins: Record<string, unknown>): string => lockfileText({ version: 1, plugins } as Lockfile)
const problemsOf = (text: string) => readLockfile(text).problems

describe('a lockfile', () => {
  test('is read back as it was written', () => {
    const value: Lockfile = { version: 1, plugins: { b: plugin(), a: plugin({ signer: DIGEST, edges: { b: '^1' } }) } }
    expect(readLockfile(lockfileText(value))).toEqual({ value, problems: [] })
  })
  test('has the same bytes in whatever order it was made', () => {
    const text = lockfileText({ version: 1, plugins: { b: plugin(), a: plugin() } })
    expect(lockfileText({ plugins: { a: plugin(), b: plugin() }, version: 1 })).toBe(text)
    expect(text).toMatch(/^\{\n {2}"plugins": \{\n {4}"a": \{\n {6}"digest"/)
    expect(text.endsWith('}\n')).toBe(true)
  })
  test('is documented with an example that has just this form', () => {
    const page = readFileSync(new URL('../../../docs/formats/lockfile-v1.md', import.meta.url), 'utf8')
    const example = /```json\n(.*?)```/s.exec(page)?.[1] ?? ''
    const { value, problems } = readLockfile(example)
    expect(problems).toEqual([])
    expect(value && lockfileText(value)).toBe(example)
  })
})

describe('a problem of a lockfile', () => {
  test.each(['version', 'digest', 'signer', 'registry', 'edges'])('is a missing %s', (field) => {
    const { [field as 'version']: _gone, ...rest } = plugin()
    expect(problemsOf(lock({ a: rest }))).toMatchObject([
      { pointer: `/plugins/a/${field}`, code: 'SCHEMA_REQUIRED', message: `the key "${field}" is missing` },
    ])
  })
  test('is an unknown key, with the one that was meant', () => {
    expect(problemsOf(lock({ a: { ...plugin(), digets: 1 } }))).toMatchObject([
      { pointer: '/plugins/a/digets', line: 5, hint: 'Did you mean "digest"?' },
    ])
  })
  test('is another version of the format', () => {
    expect(problemsOf('{"version":2,"plugins":{}}')).toMatchObject([{ pointer: '/version' }])
  })
  test('is text that is no JSON', () => {
    expect(problemsOf('<<<<<<< HEAD')).toMatchObject([{ code: 'JSON_SYNTAX', line: 1 }])
  })
  test('is an edge to what is not locked', () => {
    expect(
      problemsOf(lock({ clock: plugin({ edges: { constructor: '*' } }), notes: plugin({ edges: { clok: '*' } }) })),
    ).toEqual([
      {
        pointer: '/plugins/clock/edges/constructor',
        line: 6,
        code: 'LOCK_EDGE_UNKNOWN',
        message: '"constructor" is not locked',
      },
      {
        pointer: '/plugins/notes/edges/clok',
        line: 15,
        code: 'LOCK_EDGE_UNKNOWN',
        message: '"clok" is not locked',
        hint: 'Did you mean "clock"?',
      },
    ])
  })
  test('is an edge that the locked version does not fit', () => {
    expect(problemsOf(lock({ a: plugin({ edges: { b: '^2' } }), b: plugin() }))).toMatchObject([
      { code: 'LOCK_EDGE_BROKEN', message: '"b" is locked to 1.0.0, which does not fit ^2' },
    ])
  })
  test('is a range or a version that is none', () => {
    expect(problemsOf(lock({ a: plugin({ edges: { b: 'soon' } }), b: plugin({ version: 'v1' }) }))).toMatchObject([
      { pointer: '/plugins/a/edges/b', code: 'LOCK_EDGE_RANGE', message: '"soon" is no range' },
      { pointer: '/plugins/b/version', code: 'LOCK_VERSION', message: '"v1" is no version' },
    ])
  })
  test('leaves no value to go on with', () => {
    expect(readLockfile(lock({ a: plugin({ edges: { b: '*' } }) })).value).toBeUndefined()
  })
})
