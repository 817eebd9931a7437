import { expect, test } from 'vitest'
import { named, scanFolder, type Files } from './folder-scan.ts'

const issuesOf = async (files: Files) =>
  (await scanFolder({ files })).result.issues.map(({ ruleId, severity, nodeIds, data }) => ({
    ruleId,
    severity,
    nodeIds,
    data,
  }))

test('a trigger is resolved by the name of any node, in its normal form', async () => {
  const files = {
    '.claude/commands/deploy.md': named('Deploy All'),
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
  const broken = await issuesOf(files)
  expect(broken.map(({ data }) => [data?.['target'], data?.['trigger']])).toEqual([['b', null]])
})

test('link-counts shows what is more than nothing', async () => {
  const { contributions } = await scanFolder({ files: { 'a.md': '[b](b.md)', 'b.md': 'x' } })
  expect(contributions).toEqual([
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
    'frontmatter-invalid a.md',
    'invalid-sidecar a.md',
    'frontmatter-malformed b.md',
  ])
})
