import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { scanFolder } from './folder-scan.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const EMPTY = sha256('{}\n')

const sidecarOf = async (text: string) => {
  const { result } = await scanFolder({ files: { 'd/a.md': 'body', 'd/a.sm': text } })
  const [node] = result.nodes
  return { state: node?.sidecar, issues: result.issues.map(({ ruleId, data }) => ({ ruleId, data })) }
}

const identity = (bodyHash: string, frontmatterHash: string): string =>
  `identity:\n  path: d/a.md\n  bodyHash: ${bodyHash}\n  frontmatterHash: ${frontmatterHash}\n`

test.each([
  ['fresh', sha256('body'), EMPTY],
  ['stale-body', 'x', EMPTY],
  ['stale-frontmatter', sha256('body'), 'x'],
  ['stale-both', 'x', 'x'],
])('a sidecar is %s by its hashes', async (status, body, frontmatter) => {
  const { state, issues } = await sidecarOf(identity(body, frontmatter))
  expect(state).toMatchObject({ present: true, status, annotations: null })
  expect(issues).toEqual(status === 'fresh' ? [] : [{ ruleId: 'annotation-stale', data: { status } }])
})

test('keeps annotations and root as they stand', async () => {
  const { state } = await sidecarOf(`${identity('x', 'x')}annotations: {version: 7, own: [1]}\nmy-plugin: {k: v}\n`)
  expect(state).toMatchObject({
    annotations: { version: 7, own: [1] },
    root: { identity: { path: 'd/a.md' }, 'my-plugin': { k: 'v' } },
  })
})

test.each([
  ['no YAML', 'a: ['],
  ['no mapping', '- a'],
  ['without identity', 'annotations: {}'],
  ['with an annotation of a wrong type', `${identity('x', 'x')}annotations: {version: zero}`],
  ['with a version that no database holds', `${identity('x', 'x')}annotations: {version: 1e300}`],
  ['too large', `# ${'x'.repeat(1_048_576)}`],
])('a sidecar %s is present and tells nothing else', async (_, text) => {
  expect(await sidecarOf(text)).toEqual({
    state: { present: true, status: null, annotations: null, root: null },
    issues: [{ ruleId: 'invalid-sidecar', data: { sidecarPath: 'd/a.sm' } }],
  })
})

test('a file without sidecar says so', async () => {
  const { result } = await scanFolder({ files: { 'a.md': 'x', 'b.sm': 'x' } })
  expect(result.nodes[0]?.sidecar).toEqual({ present: false })
})

test('a sidecar beside which nothing lies is an orphan of the file that it was for', async () => {
  const sidecar = identity('x', 'x')
  const { result } = await scanFolder({
    files: {
      'agents/gone.sm': sidecar,
      'kept.md': 'x',
      'kept.sm': sidecar,
      'old.sm': sidecar,
      'old.txt': 'nobody reads this',
      'build/left.sm': sidecar,
    },
  })
  expect(result.issues.map(({ ruleId, severity, nodeIds, data }) => ({ ruleId, severity, nodeIds, data }))).toEqual([
    { ruleId: 'annotation-stale', severity: 'warn', nodeIds: ['kept.md'], data: { status: 'stale-both' } },
    ...['agents/gone', 'old'].map((stem) => ({
      ruleId: 'annotation-orphan',
      severity: 'warn',
      nodeIds: [`${stem}.md`],
      data: { sidecarPath: `${stem}.sm`, expectedMdPath: `${stem}.md` },
    })),
  ])
})
