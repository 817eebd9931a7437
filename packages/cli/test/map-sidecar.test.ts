import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { annotatedProject, STALE } from './annotated-project.ts'
import { tenonIn } from './in-process.ts'

describe('sm sidecar refresh', () => {
  test('takes the hashes anew, and neither a version nor an audit', async () => {
    const more = 'annotations: {version: 3}\naudit: {lastBumpedBy: ui}\n'
    const { sm, sidecar } = await annotatedProject({ 'd/a.md': 'body', 'd/a.sm': STALE('d/a.md', more) })
    const { code, json } = await sm(['sidecar', 'refresh', 'd/a.md', '--json'])
    expect([code, json()]).toEqual([0, { nodePath: 'd/a.md', sidecarPath: 'd/a.sm', status: 'refreshed' }])
    expect(await sidecar('d/a.md')).toMatchObject({ annotations: { version: 3 }, audit: { lastBumpedBy: 'ui' } })
    expect((await sidecar('d/a.md')).audit).toEqual({ lastBumpedBy: 'ui' })
    expect((await sidecar('d/a.md')).identity?.['bodyHash']).toMatch(/^[0-9a-f]{64}$/)
    const again = await sm(['sidecar', 'refresh', 'd/a.md'])
    expect([again.code, again.stdout, again.stderr]).toEqual([0, '', expect.stringContaining('d/a.sm is fresh')])
    expect((await sm(['sidecar', 'refresh', 'd/a.md', '--json'])).json().status).toBe('fresh')
  })

  test('finds neither a node that was not scanned nor a sidecar that is not there', async () => {
    const { sm } = await annotatedProject({ 'a.md': 'body' })
    const codes = ['b.md', 'a.md'].map(async (path) => {
      const { code, json } = await sm(['sidecar', 'refresh', path, '--json'])
      return [code, json().error.code]
    })
    expect(await Promise.all(codes)).toEqual([
      [5, 'NODE_UNKNOWN'],
      [5, 'SIDECAR_UNKNOWN'],
    ])
  })
})

describe('sm sidecar annotate', () => {
  test('makes a sidecar to be filled in, and no second one unless it is forced to', async () => {
    const { sm, read, write, sidecar } = await annotatedProject({ 'a.md': 'body' })
    const { code, json } = await sm(['sidecar', 'annotate', 'a.md', '--json'])
    expect([code, json()]).toEqual([0, { nodePath: 'a.md', sidecarPath: 'a.sm', status: 'annotated' }])
    expect(read('a.sm')).toMatch(/^# [^\n]+\n# [^\n]+\nannotations: \{\}\nidentity:\n/)
    write({ 'a.sm': STALE('a.md', 'annotations: {version: 3}\n') })
    const refused = await sm(['sidecar', 'annotate', 'a.md', '--json'])
    expect([refused.code, refused.json().error.code]).toEqual([2, 'SIDECAR_EXISTS'])
    expect((await sidecar('a.md')).annotations).toEqual({ version: 3 })
    expect((await sm(['sidecar', 'annotate', 'a.md', '--force'])).code).toBe(0)
    expect((await sidecar('a.md')).annotations).toEqual({})
  })
})

describe('sm sidecar prune', () => {
  const FILES = { 'a.md': 'body', 'a.sm': STALE('a.md'), 'gone.sm': STALE('gone.md'), 'd/gone.sm': 'x' }
  const items = (deleted: boolean) => [
    { sidecarPath: 'd/gone.sm', expectedMd: 'd/gone.md', deleted },
    { sidecarPath: 'gone.sm', expectedMd: 'gone.md', deleted },
  ]

  test('says what would go when it is dry, and asks nothing', async () => {
    const { sm, read } = await annotatedProject(FILES)
    const { code, json } = await sm(['sidecar', 'prune', '--dry-run', '--json'], { answer: 'yes' })
    const counts = { deleted: 0, wouldDelete: 2, errors: 0, elapsedMs: expect.any(Number) }
    expect([code, json()]).toEqual([0, { dryRun: true, ...counts, items: items(false) }])
    expect([read('gone.sm'), read('d/gone.sm')]).toEqual([FILES['gone.sm'], 'x'])
  })

  test('asks the person at the terminal, and takes nothing but yes for a yes', async () => {
    const { sm, read } = await annotatedProject(FILES)
    const asked: string[] = []
    for (const answer of ['', 'n', 'yesterday']) {
      expect((await sm(['sidecar', 'prune'], { answer, asked })).code).toBe(0)
      expect(read('gone.sm')).toBeDefined()
    }
    expect(asked[0]).toBe('  d/gone.sm\n  gone.sm\nDelete these 2 sidecars? [y/N] ')
    expect((await sm(['sidecar', 'prune'], { answer: 'y' })).stdout).toBe('d/gone.sm\ngone.sm\n2 deleted\n')
    expect([read('gone.sm'), read('d/gone.sm'), read('a.sm')]).toEqual([undefined, undefined, FILES['a.sm']])
    expect((await sm(['sidecar', 'prune'])).stdout).toBe('nothing to do: every sidecar has its file\n')
  })

  test('shows control characters of names instead of obeying them, when it asks too', async () => {
    const { sm } = await annotatedProject({ 'evil\u001b[2J\nname.sm': 'x' })
    const asked: string[] = []
    const { stdout } = await sm(['sidecar', 'prune'], { answer: 'n', asked })
    expect([asked[0], stdout]).toEqual([
      '  evil\\u{1b}[2J\\nname.sm\nDelete these 1 sidecars? [y/N] ',
      'evil\\u{1b}[2J\\nname.sm\n0 deleted\n',
    ])
  })

  test('deletes nothing where nobody can be asked, unless it is told that it may', async () => {
    const { sm, read } = await annotatedProject(FILES)
    expect((await sm(['sidecar', 'prune'])).code).toBe(2)
    expect(read('gone.sm')).toBeDefined()
    const { json } = await sm(['sidecar', 'prune', '--yes', '--json'])
    expect(json()).toEqual({ deleted: 2, wouldDelete: 0, errors: 0, items: items(true), elapsedMs: expect.any(Number) })
    expect(read('gone.sm')).toBeUndefined()
  })

  test('tells what could not be deleted, and deletes the others', async () => {
    const { sm, read, cwd } = await annotatedProject(FILES)
    symlinkSync(join(cwd, 'nowhere'), join(cwd, '.gone.sm.lock'))
    const { code, json } = await sm(['sidecar', 'prune', '--force', '--json'])
    expect([code, json()]).toMatchObject([
      1,
      { deleted: 1, errors: 1, items: [{ deleted: true }, { error: expect.stringContaining('cannot') }] },
    ])
    expect([read('gone.sm'), read('d/gone.sm')]).toEqual([FILES['gone.sm'], undefined])
  })

  test('works without a scan, and makes no database', async () => {
    const home = temporaryFolder()
    const { code } = await tenonIn(home)(['sidecar', 'prune', '--dry-run'], { binary: 'sm' })
    expect([code, existsSync(join(home, '.skill-map'))]).toEqual([0, false])
  })
})

test('sm sidecar keys lists what plugins bring to sidecars', async () => {
  const { sm, write } = await annotatedProject({ 'a.md': 'body' })
  expect((await sm(['sidecar', 'keys', '--json'])).json()).toEqual([])
  const schema = { type: 'string' }
  const rule = {
    ...{ id: 'judge', kind: 'rule', version: '1.0.0', emitsRuleIds: ['judged'], defaultSeverity: 'info' },
    annotationContributions: { by: { schema } },
  }
  write({
    '.skill-map/plugins/reviews/plugin.json': JSON.stringify({
      ...{ id: 'reviews', version: '1.0.0', specCompat: '^0.19.0', extensions: ['judge.js'] },
    }),
    '.skill-map/plugins/reviews/judge.js': `export default { ...${JSON.stringify(rule)}, evaluate: () => [] }`,
  })
  const key = { pluginId: 'reviews', key: 'by', location: 'namespaced', ownership: 'shared' }
  expect((await sm(['sidecar', 'keys', '--json', '--trust', 'reviews'])).json()).toEqual([{ ...key, schema }])
  expect((await sm(['sidecar', 'keys'])).stdout).toMatch(
    /^PLUGIN +KEY +LOCATION +OWNERSHIP\nreviews +by +namespaced +shared\n$/,
  )
  write({ '.skill-map/settings.json': '{"plugins": {"reviews": {"enabled": false}}}' })
  expect((await sm(['sidecar', 'keys', '--json'])).json()).toEqual([])
})
