import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { annotatedProject, STALE } from './annotated-project.ts'
import { tenonIn } from './in-process.ts'

describe('sm bump', () => {
  test('counts a version of a node as its files are now, not as they were scanned', async () => {
    const { sm, sidecar, write } = await annotatedProject({ 'a.md': 'body' })
    write({ 'a.md': 'another' })
    const first = await sm(['bump', 'a.md'])
    expect([first.code, first.stdout]).toEqual([0, 'a.md is at version 1\n'])
    expect(await sidecar('a.md')).toMatchObject({
      annotations: { version: 1 },
      audit: { createdBy: 'cli', lastBumpedBy: 'cli' },
    })
    const again = await sm(['bump', 'a.md', '--json'])
    expect([again.code, again.json()]).toEqual([2, { ok: false, reason: 'fresh' }])
    write({ 'a.md': 'a third' })
    expect((await sm(['bump', 'a.md', '--json'])).json()).toEqual({ ok: true, version: 2 })
    const { nodes } = (await sm(['scan', '--json', '--no-tokens'])).json()
    expect(nodes[0].sidecar).toMatchObject({ status: 'fresh', annotations: { version: 2 } })
  })

  test('lets what is fresh be when forced, and says nothing', async () => {
    const { sm, read } = await annotatedProject({ 'a.md': 'body' })
    expect((await sm(['bump', 'a.md', '--json'])).json()).toEqual({ ok: true, version: 1, createdSidecar: true })
    const text = read('a.sm')
    const forced = await sm(['bump', 'a.md', '--force', '--quiet'])
    expect([forced.code, forced.stdout, forced.stderr, read('a.sm')]).toEqual([0, '', '', text])
    expect((await sm(['bump', 'a.md', '--force', '--json'])).json()).toEqual({ ok: true, noop: true })
  })

  test('finds no node that was not scanned, or is gone, and nothing before the first scan', async () => {
    const { sm, write, read, cwd } = await annotatedProject({ 'a.md': 'body' })
    write({ 'new.md': 'x' })
    const unscanned = await sm(['bump', 'new.md', '--json'])
    expect([unscanned.code, unscanned.json().error.code, read('new.sm')]).toEqual([5, 'NODE_UNKNOWN', undefined])
    rmSync(join(cwd, 'a.md'))
    expect((await sm(['bump', 'a.md'])).code).toBe(5)
    const home = temporaryFolder()
    const never = await tenonIn(home)(['bump', 'a.md', '--json'], { binary: 'sm' })
    expect([never.code, never.json().error.code]).toEqual([2, 'SCAN_UNKNOWN'])
    expect(existsSync(join(home, '.skill-map'))).toBe(false)
  })

  test('leaves a sidecar that cannot be used, and says what is wrong with it', async () => {
    const { sm, read } = await annotatedProject({ 'a.md': 'body', 'a.sm': 'annotations: {version: no}\n' })
    const { code, stderr } = await sm(['bump', 'a.md'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/SIDECAR_INVALID: a\.sm[\s\S]*identity/)])
    expect(read('a.sm')).toBe('annotations: {version: no}\n')
  })

  test.each([
    ['no node', []],
    ['a node beside --pending', ['a.md', '--pending']],
    ['--staged without --pending', ['a.md', '--staged']],
    ['a flag that it has not', ['a.md', '--dry-run']],
  ])('with %s is a wrong command line', async (_, argv) => {
    const { sm, read } = await annotatedProject({ 'a.md': 'body' })
    const { code, stderr } = await sm(['bump', ...argv])
    expect([code, stderr, read('a.sm')]).toEqual([2, expect.stringContaining('error USAGE'), undefined])
  })

  test('is switched off with the built-in plugins, or by the settings of the map', async () => {
    const { sm, write } = await annotatedProject({ 'a.md': 'body' })
    expect((await sm(['bump', 'a.md', '--no-built-ins'])).stderr).toContain('ACTION_UNKNOWN')
    write({ '.skill-map/settings.json': '{"plugins": {"core/bump": {"enabled": false}}}' })
    expect((await sm(['bump', 'a.md'])).code).toBe(5)
    expect((await sm(['plugins', 'enable', 'core/bump'])).code).toBe(0)
    expect((await sm(['bump', 'a.md'])).code).toBe(0)
    await sm(['plugins', 'disable', 'core/bump'])
    expect((await sm(['bump', 'a.md', '--force'])).code).toBe(5)
  })
})

test('a hook of a plugin is told what sm bump has done, and one that fails stops nothing', async () => {
  const { sm, write } = await annotatedProject({ 'a.md': 'body' })
  const hook = { id: 'listen', kind: 'hook', version: '1.0.0', triggers: ['action.completed'] }
  const say =
    '({ actionId, node, event: { data }, settings }) => { throw new Error([actionId, node.path, data.report.version, settings.token]) }'
  write({
    '.skill-map/plugins/listening/plugin.json': JSON.stringify({
      ...{ id: 'listening', version: '1.0.0', specCompat: '^0.19.0', extensions: ['listen.js'] },
      settings: { token: { type: 'secret', label: 'Token' } },
    }),
    '.skill-map/plugins/listening/listen.js': `export default { ...${JSON.stringify(hook)}, on: ${say} }`,
  })
  await sm(['plugins', 'config', 'listening', 'token', '-'], { input: 'word' })
  const { code, stderr } = await sm(['bump', 'a.md', '-q', '--trust', 'listening'])
  expect([code, stderr]).toEqual([0, 'plugin listening/listen: hook-error — core/bump,a.md,1,word\n'])
})

describe('sm bump --pending', () => {
  const FILES = {
    'b.md': 'b',
    'b.sm': STALE('b.md', 'annotations: {version: 4}\n'),
    'a.md': 'a',
    'a.sm': STALE('a.md'),
    'without.md': 'x',
    'broken.md': 'x',
    'broken.sm': 'a: [',
  }

  test('bumps every node that is another than its sidecar says, and no other', async () => {
    const { sm, sidecar, read } = await annotatedProject(FILES)
    const { code, json } = await sm(['bump', '--pending', '--json'])
    expect([code, json()]).toEqual([
      0,
      { bumped: 2, refused: 0, skipped: 0, errors: [], elapsedMs: expect.any(Number) },
    ])
    expect([(await sidecar('a.md')).annotations, (await sidecar('b.md')).annotations]).toEqual([
      { version: 1 },
      { version: 5 },
    ])
    expect([read('without.sm'), read('broken.sm')]).toEqual([undefined, 'a: ['])
    const again = await sm(['bump', '--pending'])
    expect([again.code, again.stdout]).toEqual([0, 'nothing to do: no sidecar has drifted\n'])
  })

  test('tells what could not be written, and writes the others', async () => {
    const { sm, sidecar, cwd } = await annotatedProject(FILES)
    symlinkSync(join(cwd, 'nowhere'), join(cwd, '.a.sm.lock'))
    const { code, json } = await sm(['bump', '--pending', '--json'])
    expect([code, json()]).toMatchObject([
      1,
      { bumped: 1, errors: [{ nodePath: 'a.md', code: 'SIDECAR_UNWRITABLE', message: expect.any(String) }] },
    ])
    expect((await sidecar('b.md')).annotations).toEqual({ version: 5 })
  })

  test('counts apart what somebody else has bumped since it was looked at', async () => {
    const { sm, write, cwd } = await annotatedProject({ 'a.md': 'a', 'b.md': 'b' })
    for (const path of ['a.md', 'b.md']) await sm(['bump', path])
    const hook = { id: 'undo', kind: 'hook', version: '1.0.0', triggers: ['action.completed'] }
    const undo = `() => writeFileSync(${JSON.stringify(join(cwd, 'b.md'))}, 'b')`
    write({
      '.skill-map/plugins/undoing/plugin.json': JSON.stringify({
        ...{ id: 'undoing', version: '1.0.0', specCompat: '^0.19.0', extensions: ['undo.js'] },
      }),
      '.skill-map/plugins/undoing/undo.js': `import { writeFileSync } from 'node:fs'
export default { ...${JSON.stringify(hook)}, on: ${undo} }`,
    })
    write({ 'a.md': 'changed', 'b.md': 'changed' })
    const refused = await sm(['bump', '--pending', '--trust', 'undoing'])
    expect([refused.code, refused.stdout]).toEqual([0, '1 bumped, 1 fresh meanwhile, 0 failed\n'])
    write({ 'a.md': 'again', 'b.md': 'changed' })
    const skipped = await sm(['bump', '--pending', '--force', '--json'])
    expect(skipped.json()).toMatchObject({ bumped: 1, refused: 0, skipped: 1, errors: [] })
  })

  test('needs a repository and git to stage, and writes nothing without them', async () => {
    const { sm, read, cwd } = await annotatedProject(FILES)
    const nowhere = await sm(['bump', '--pending', '--staged', '--json'])
    expect([nowhere.code, nowhere.json().error.code]).toEqual([5, 'REPOSITORY_UNKNOWN'])
    mkdirSync(join(cwd, '.git'))
    const without = await sm(['bump', '--pending', '--staged', '--json'], { env: { PATH: join(cwd, 'nothing') } })
    expect([without.code, without.json().error]).toMatchObject([
      2,
      { code: 'GIT_FAILED', message: 'there is no git on the PATH' },
    ])
    expect(read('a.sm')).toBe(FILES['a.sm'])
  })
})
