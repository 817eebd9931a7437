import { describe, expect, test } from 'vitest'
import { digestBytes, digestJson, openBundle, refuseForeignStatement } from '@tenon/bundle'
import { digestHex, prettyJson } from '@tenon/contract'
import { bytes, code, plain, spec, statementOn, withManifest } from './sample.ts'

describe('a bundle', () => {
  test('holding exactly what its manifest lists opens', () => {
    const bundle = openBundle(withManifest(plain))
    expect(bundle).toMatchObject({ spec, manifest: { id: 'demo' } })
    expect(bundle.manifestDigest).toBe(digestJson(bundle.manifest))
  })

  test.each([
    [
      'a flipped byte',
      withManifest(plain).map((file) => (file.path === 'src/a.ts' ? { ...file, bytes: bytes('export { }') } : file)),
      'src/a.ts',
    ],
    ['a missing file', withManifest(plain).filter((file) => file.path !== 'src/a.ts'), 'src/a.ts'],
    ['an unlisted file', [...withManifest(plain), { path: 'extra.js', bytes: bytes('') }], 'extra.js'],
    [
      'an unlisted file with the name of what every object has',
      [...withManifest(plain), { path: 'constructor', bytes: bytes('') }],
      'constructor',
    ],
    ['another id in the spec', withManifest(plain, { id: 'other' }), 'differ in id'],
    ['another version in the spec', withManifest(plain, { version: '2.0.0' }), 'version'],
    ['another publisher in the spec', withManifest(plain, { publisher: 'evil' }), 'publisher'],
    [
      'another spec',
      withManifest(plain, {
        digests: { spec: digestBytes('x'), policySnapshot: digestBytes(''), ledgerContract: digestBytes('') },
      }),
      'spec digest',
    ],
    ['no manifest', plain, 'manifest.json'],
    ['a broken manifest', [...plain, { path: 'manifest.json', bytes: bytes('{}') }], 'manifest.json'],
    ['no spec', withManifest(plain.slice(1)), 'plugin.spec.json'],
    ['a broken spec', withManifest([{ path: 'plugin.spec.json', bytes: bytes('{}') }]), 'plugin.spec.json'],
  ])('with %s is refused', (_what, files, named) => {
    expect(() => openBundle(files)).toThrow(
      expect.objectContaining({ code: 'BUNDLE_CONTENT_MISMATCH', message: expect.stringContaining(named) }),
    )
  })

  test('with several faults tells them all', () => {
    const files = withManifest(plain, { version: '2.0.0' }).filter(({ path }) => path !== 'src/a.ts')
    expect(() => openBundle([...files, { path: 'extra.js', bytes: bytes('') }])).toThrow(
      expect.objectContaining({
        problems: ['src/a.ts', 'extra.js', 'manifest.json'].map((file) => expect.objectContaining({ file })),
      }),
    )
  })

  test('is what the statement beside it speaks of, or the statement is refused', () => {
    const [bundle, other] = [openBundle(withManifest(plain)), openBundle(withManifest(plain, { name: 'Other' }))]
    const statement = statementOn(digestHex(bundle.manifestDigest))
    expect(() => refuseForeignStatement(statement, bundle)).not.toThrow()
    expect(() => refuseForeignStatement(statement, other)).toThrow(code('BUNDLE_SIGNATURE_INVALID'))
    const { predicate } = statement
    const others = [
      { ...statement, subject: [] },
      { ...statement, predicate: { ...predicate, plugin: 'other' } },
      { ...statement, predicate: { ...predicate, version: '2.0.0' } },
    ]
    for (const foreign of others)
      expect(() => refuseForeignStatement(foreign, bundle)).toThrow(code('BUNDLE_SIGNATURE_INVALID'))
  })
})

test('the digest of a JSON value depends on no order and no space', () => {
  expect(digestJson({ b: 1, a: [2] })).toBe(digestJson(JSON.parse(prettyJson({ a: [2], b: 1 }))))
  expect(digestJson({ b: 1 })).not.toBe(digestJson({ b: 2 }))
})
