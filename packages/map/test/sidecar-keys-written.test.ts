import { describe, expect, test } from 'vitest'
import { annotationCatalogue, type Action, type ActionContext } from '@tenon/map'
import { annotated, writing } from './annotated-folder.ts'
import { pluginOf } from './folder-scan.ts'

const IDENTITY = 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\n'

const brings: NonNullable<Action['annotationContributions']> = {
  by: { schema: { type: 'string' } },
  owner: { schema: { type: 'object', required: ['name'] }, location: 'root', ownership: 'exclusive' },
}

const others = pluginOf('q', [
  writing(
    {},
    { annotationContributions: { at: { schema: {} }, team: { schema: {}, location: 'root', ownership: 'exclusive' } } },
  ),
])

/** What becomes of a sidecar, or the pointers of what is wrong with the change. */
async function after(changes: object | ((context: ActionContext) => object), held = ''): Promise<unknown> {
  const { act, sidecar } = await annotated([writing(changes, { annotationContributions: brings })], {
    ...{ files: { 'a.md': 'body', 'a.sm': IDENTITY + held }, more: others },
  })
  const before = sidecar()
  try {
    await act()
    return sidecar()
      ?.split('\n')
      .filter((line) => !/^identity|Hash|path/.test(line))
      .join('\n')
      .trim()
  } catch (thrown) {
    expect([thrown, sidecar()]).toMatchObject([{ code: 'SIDECAR_INVALID' }, before])
    return (thrown as { problems: { pointer: string }[] }).problems.map(({ pointer }) => pointer)
  }
}

describe('a plugin', () => {
  test('writes the keys of its own block, and the root key that it has to itself', async () => {
    expect(await after({ p: { by: 'me' }, owner: { name: 'we' } })).toBe('owner:\n  name: we\np:\n  by: me')
  })

  test('writes what the specification keeps, and annotations of its own', async () => {
    expect(await after({ annotations: { tags: ['a'], own: 1 }, settings: { s: 1 }, audit: { own: 2 } })).toBe(
      'annotations:\n  own: 1\n  tags:\n    - a\naudit:\n  own: 2\nsettings:\n  s: 1',
    )
  })

  test('takes out what it brought, whatever it has become', async () => {
    expect(await after({ p: { by: null, former: null }, owner: null }, 'p: {by: 3, former: 4}\nowner: 5\n')).toBe(
      'p: {}',
    )
    expect(await after({ p: null }, 'p: {by: 3, former: 4}\n')).toBe('')
  })

  test('writes no block of another plugin, no root key of another, and none that nobody brings', async () => {
    expect(await after({ q: { at: 1 }, team: 'us', whose: 1, ['__proto__']: 1 })).toEqual([
      ...['/q', '/team', '/whose', '/__proto__'],
    ])
    expect(await after({ q: null, team: null }, 'q: {at: 1}\nteam: us\n')).toEqual(['/q', '/team'])
  })

  test('writes no key into its block that it does not bring, and keeps it a block', async () => {
    expect(await after({ p: { when: 1 } })).toEqual(['/p/when'])
    expect(await after({ p: 'me' })).toEqual(['/p'])
  })

  test('is held to its own schemas, of the whole value that comes out', async () => {
    expect(await after({ p: { by: 3 }, owner: { title: 'x' } })).toEqual(['/p/by', '/owner/name'])
    expect(await after({ owner: { title: 'x' } }, 'owner: {name: we}\n')).toBe('owner:\n  name: we\n  title: x')
  })

  test('is not kept from its work by what others have written wrong', async () => {
    expect(await after({ p: { by: 'me' } }, 'q: {at: [1], more: 2}\n')).toBe(
      'p:\n  by: me\nq:\n  at:\n    - 1\n  more: 2',
    )
  })

  test('makes no sidecar that breaks the schema of sidecars', async () => {
    expect(await after({ annotations: { version: 0, stability: 'new' } })).toEqual([
      '/annotations/version',
      '/annotations/stability',
    ])
    expect(await after({ identity: null })).toEqual([
      '/identity',
      '/identity/path',
      '/identity/bodyHash',
      '/identity/frontmatterHash',
    ])
  })

  test('says of its node only what it was or what it is', async () => {
    expect(await after({ identity: { path: 'b.md', bodyHash: 'z', frontmatterHash: 'y' } })).toEqual([
      '/identity/path',
      '/identity/bodyHash',
    ])
    expect(
      await after(({ node }) => ({ identity: { bodyHash: node.bodyHash, resolvedAs: { kind: 'skill' } } })),
    ).toMatch(/^resolvedAs:\n +kind: skill$/)
  })

  test('writes no more than can be read again', async () => {
    let deep: object = {}
    for (let level = 0; level < 120; level += 1) deep = { deep }
    expect(await after({ annotations: deep })).toEqual([''])
    expect(await after({ annotations: { long: 'x'.repeat(1_048_576) } })).toEqual([''])
    expect(await after({ annotations: { many: Array(20_001).fill(0) } })).toEqual([''])
  })
})

test('what plugins bring to sidecars can be read', () => {
  expect(annotationCatalogue({ extensions: others })).toEqual([
    { pluginId: 'q', key: 'at', location: 'namespaced', ownership: 'shared', schema: {} },
    { pluginId: 'q', key: 'team', location: 'root', ownership: 'exclusive', schema: {} },
  ])
})

test('what the specification keeps at the root of sidecars is no key that a plugin brings', async () => {
  const audit = { schema: {}, location: 'root', ownership: 'exclusive' } as const
  const { act } = await annotated([writing({}, { annotationContributions: { audit } })])
  await expect(act()).rejects.toThrow(expect.objectContaining({ code: 'ACTION_UNKNOWN' }))
})
