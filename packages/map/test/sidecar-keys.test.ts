import { describe, expect, test } from 'vitest'
import { builtInPlugins, type ExtensionSource, type Rule } from '@tenon/map'
import { pluginOf, scanFolder } from './folder-scan.ts'
import { linksOf } from '../src/kernel/snapshot.ts'
import { rule } from './foreign-extension.ts'

const SIDECAR = 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\n'

async function unknownIn(sidecar: string, extensions: ExtensionSource[] = []) {
  const files = { 'a.md': 'body', 'a.sm': SIDECAR + sidecar }
  const { result } = await scanFolder({ files, extensions: [...builtInPlugins, ...extensions] })
  return result.issues
    .filter(({ ruleId }) => ruleId === 'unknown-field')
    .map(({ data, message }) => ({ data, message }))
}

const annotating = (annotationContributions: NonNullable<Rule['annotationContributions']>): ExtensionSource[] =>
  pluginOf('reviews', [rule({ annotationContributions, evaluate: () => [] })])

describe('unknown-field', () => {
  test('is silent about what the specification knows', async () => {
    expect(await unknownIn('annotations: {version: 1, tags: [a]}\nsettings: {}\naudit: {}\n')).toEqual([])
  })

  test('tells an annotation and a root key that nobody knows', async () => {
    expect((await unknownIn('annotations: {verison: 1}\nreviews: {by: me}\n')).map(({ data }) => data)).toEqual([
      { surface: 'annotations', key: 'verison' },
      { surface: 'root', key: 'reviews' },
    ])
  })

  test('knows the block of a plugin that annotates, and holds it to its schemas', async () => {
    const plugin = annotating({ by: { schema: { type: 'string' } }, at: { schema: { type: 'integer' } } })
    expect(await unknownIn('reviews: {by: me, at: 3}\n', plugin)).toEqual([])
    expect(await unknownIn('reviews: {by: 3, when: now}\n', plugin)).toEqual([
      {
        data: { surface: 'plugin-namespace', key: 'by', pluginId: 'reviews' },
        message: expect.stringMatching(/^In the sidecar of a\.md, the key "by" is not what its plugin says: /),
      },
      {
        data: { surface: 'plugin-namespace', key: 'when', pluginId: 'reviews' },
        message: 'In the sidecar of a.md, the key "when" is no key of this plugin.',
      },
    ])
  })

  test('knows a root key that a plugin has to itself, and holds it to its schema', async () => {
    const plugin = annotating({ owner: { schema: { type: 'string' }, location: 'root', ownership: 'exclusive' } })
    expect(await unknownIn('owner: me\n', plugin)).toEqual([])
    expect((await unknownIn('owner: [me]\n', plugin)).map(({ data }) => data)).toEqual([
      { surface: 'root', key: 'owner', pluginId: 'reviews' },
    ])
  })
})

test('rules see what plugins bring to sidecars and to views', async () => {
  let seen: unknown
  const looks = rule({
    annotationContributions: { by: { schema: {} } },
    viewContributions: { total: { contract: 'node-counter', icon: '🔍', label: 'n' } },
    evaluate: ({ annotationContributions, viewContributions, sidecarRoots }) => {
      seen = { annotationContributions, viewContributions, sidecarRoots }
      return []
    },
  })
  await scanFolder({
    files: { 'a.md': '', 'a.sm': SIDECAR },
    extensions: [...builtInPlugins, ...pluginOf('p', [looks])],
  })
  expect(seen).toMatchObject({
    annotationContributions: [{ pluginId: 'p', key: 'by', location: 'namespaced', ownership: 'shared', schema: {} }],
    viewContributions: expect.arrayContaining([
      {
        ...{ pluginId: 'p', extensionId: 'judge', contributionId: 'total' },
        ...{ contract: 'node-counter', icon: '🔍', label: 'n', emitWhenEmpty: false },
      },
    ]),
    sidecarRoots: { 'a.md': { identity: { path: 'a.md' } } },
  })
})

const builtInRule = (id: string): Rule => {
  const found = builtInPlugins.flatMap((source) => ('module' in source ? [source.module.default as Rule] : []))
  return found.find((extension) => extension.id === id) as Rule
}

const EMPTY_GRAPH = {
  ...{ nodes: [], links: [], orphanSidecars: [], sidecarRoots: {}, settings: {}, emitContribution: () => {} },
  ...{ annotationContributions: [], viewContributions: [], strandedContributions: [] },
}

test('unknown-contract tells what is to be shown in a way that is not in the catalogue', async () => {
  const shown = { pluginId: 'p', extensionId: 'e', emitWhenEmpty: false }
  const viewContributions = [
    { ...shown, contributionId: 'old', contract: 'node-chart' },
    { ...shown, contributionId: 'new', contract: 'node-tag' },
  ]
  expect(await builtInRule('unknown-contract').evaluate({ ...EMPTY_GRAPH, viewContributions })).toMatchObject([
    { nodeIds: ['p/e/old'], data: { contributionId: 'old', contract: 'node-chart' } },
  ])
})

test('contribution-orphan tells what was kept for a node that is gone', async () => {
  const held = {
    pluginId: 'p',
    extensionId: 'e',
    contributionId: 'total',
    contract: 'node-counter',
    payload: { value: 1 },
  }
  const heldContributions = [
    { ...held, nodePath: 'a.md' },
    { ...held, nodePath: 'gone.md' },
  ]
  const before = {
    roots: ['.'],
    filesWalked: 1,
    nodes: new Map(),
    links: linksOf([]),
    contributions: Map.groupBy(heldContributions, ({ nodePath }) => nodePath),
    knowledge: { inputs: {}, files: new Map(), complaints: new Map(), folders: [], judged: new Map() },
  }
  const { result } = await scanFolder({ files: { 'a.md': '' }, options: { before } })
  expect(result.issues).toMatchObject([
    { ruleId: 'contribution-orphan', severity: 'warn', nodeIds: ['gone.md'], data: { nodePath: 'gone.md' } },
  ])
})
