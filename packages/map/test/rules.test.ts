import { describe, expect, test } from 'vitest'
import { builtInPlugins, type ExtensionSource, type Rule } from '@tenon/map'
import { named, scanFolder, type Files, saidIn } from './folder-scan.ts'

const issuesOf = async (files: Files) =>
  (await scanFolder({ files })).result.issues.map(({ ruleId, severity, nodeIds, data }) => ({
    ruleId,
    severity,
    nodeIds,
    data,
  }))

test('a trigger is resolved by the name of any node, in its normal form', async () => {
  const files = {
    '.claude/commands/deploy.md': named('deploy-all'),
    'a.md': '/deploy-all @deploy_all',
  }
  expect(await issuesOf(files)).toEqual([])
})

test('a trigger that names nothing is broken', async () => {
  expect(await issuesOf({ 'a.md': '/nothing' })).toEqual([
    {
      ruleId: 'broken-ref',
      severity: 'warn',
      nodeIds: ['a.md'],
      data: { target: '/nothing', kind: 'invokes', trigger: '/nothing' },
    },
  ])
})

test('a path is resolved by a node, a sidecar’s link by a path only', async () => {
  const files = {
    'a.md': '[b](b.md) [gone](gone.md)',
    'b.md': named('gone.md'),
    'a.sm': 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {requires: [b.md, b]}\n',
  }
  const broken = (await issuesOf(files)).filter(({ ruleId }) => ruleId === 'broken-ref')
  expect(broken.map(({ data }) => [data?.['target'], data?.['trigger']])).toEqual([['b', null]])
})

test('link-counts shows what is more than nothing', async () => {
  const done = await scanFolder({ files: { 'a.md': '[b](b.md)', 'b.md': 'x' } })
  expect(saidIn(done)).toEqual([
    {
      pluginId: 'core',
      extensionId: 'link-counts',
      nodePath: 'a.md',
      contributionId: 'linksOut',
      contract: 'node-counter',
      payload: { value: 1 },
    },
    {
      pluginId: 'core',
      extensionId: 'link-counts',
      nodePath: 'b.md',
      contributionId: 'linksIn',
      contract: 'node-counter',
      payload: { value: 1 },
    },
  ])
})

test('rules come before the kernel’s own issues', async () => {
  const files = {
    'a.md': '---\nname: 1\n---\n/nothing',
    'a.sm': '- no mapping',
    'b.md': '---\nname: x\n',
    'b.sm': 'identity: {path: b.md, bodyHash: x, frontmatterHash: y}\nannotations: {supersededBy: a.md}\n',
  }
  expect((await issuesOf(files)).map(({ ruleId, nodeIds }) => `${ruleId} ${nodeIds.join()}`)).toEqual([
    'broken-ref a.md',
    'superseded b.md',
    'annotation-stale b.md',
    'frontmatter-invalid a.md',
    'invalid-sidecar a.md',
    'frontmatter-malformed b.md',
  ])
})

describe('trigger-collision', () => {
  const collisions = async (files: Files) =>
    (await issuesOf(files)).filter(({ ruleId }) => ruleId === 'trigger-collision')

  test('names all who advertise one trigger, of whatever Provider', async () => {
    const files = {
      '.claude/commands/b.md': named('Deploy All'),
      '.gemini/skills/a.md': named('deploy_all'),
      'deploy.md': named('deploy-all'),
    }
    expect(await collisions(files)).toEqual([
      {
        ruleId: 'trigger-collision',
        severity: 'error',
        nodeIds: ['.claude/commands/b.md', '.gemini/skills/a.md'],
        data: {
          normalizedTrigger: '/deploy all',
          invocationTargets: [],
          advertiserPaths: ['.claude/commands/b.md', '.gemini/skills/a.md'],
        },
      },
    ])
  })

  test('names a trigger that is written in several ways, or otherwise than it is advertised', async () => {
    expect(await collisions({ 'a.md': '/go-on', 'b.md': '/go_on', 'c.md': '/Go-On' })).toMatchObject([
      {
        nodeIds: ['a.md', 'b.md', 'c.md'],
        data: { invocationTargets: ['/Go-On', '/go-on', '/go_on'], advertiserPaths: [] },
      },
    ])
    const advertised = { '.claude/commands/c.md': named('go-on') }
    expect(await collisions({ ...advertised, 'a.md': '/go_on' })).toMatchObject([
      { nodeIds: ['.claude/commands/c.md', 'a.md'], data: { normalizedTrigger: '/go on' } },
    ])
    expect(await collisions({ ...advertised, 'a.md': '/go-on', 'b.md': '/go-on @go-on' })).toEqual([])
  })
})

test('link-conflict tells of two nodes that are linked as different things, with the surest of each', async () => {
  const files = {
    'a.md': '[b](b.md) [again](b.md)',
    'b.md': 'x',
    'a.sm':
      'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {supersedes: [b.md], requires: [b.md]}\n',
  }
  const conflicts = (await issuesOf(files)).filter(({ ruleId }) => ruleId === 'link-conflict')
  expect(conflicts).toEqual([
    {
      ruleId: 'link-conflict',
      severity: 'warn',
      nodeIds: ['a.md', 'b.md'],
      data: {
        source: 'a.md',
        target: 'b.md',
        variants: [
          { kind: 'supersedes', sources: ['annotations'], confidence: 'high' },
          { kind: 'references', sources: ['annotations', 'markdown-link'], confidence: 'high' },
        ],
      },
    },
  ])
})

test('validate-all finds nothing in what the kernel makes itself, and all that is wrong elsewhere', async () => {
  const files = { 'a.md': named('a', 'tags: [x]\n'), 'b.md': '/go [a](a.md) https://example.org' }
  expect((await issuesOf(files)).map(({ ruleId }) => ruleId)).toEqual(['broken-ref'])
  const { result } = await scanFolder({ files })
  const [first, ...others] = result.nodes
  const nodes = [{ ...first, bodyHash: 'short', extra: 1 }, ...others]
  const links = result.links.map((link) => ({ ...link, confidence: 'sure' }))
  const isRule = (source: ExtensionSource): boolean =>
    'module' in source && (source.module.default as { id: string }).id === 'validate-all'
  const [source] = builtInPlugins.filter(isRule)
  const rule = source && 'module' in source ? (source.module.default as Rule) : undefined
  const found = await rule?.evaluate({ nodes, links, settings: {}, emitContribution: () => {} } as never)
  expect(found).toMatchObject([
    { nodeIds: ['a.md'], data: { target: 'node', errors: [expect.any(String), expect.any(String)] } },
    ...links.map(({ source: path }) => ({ nodeIds: [path], data: { target: 'link' } })),
  ])
})
