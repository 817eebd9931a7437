import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { repository } from '../../../cases/harness/tenon.ts'
import { annotatedProject, STALE, type Project } from './annotated-project.ts'

type Versioned = Project & { git(...words: string[]): string; hook: string; home: string }

/** A project in a repository of git, whose `sm` on the PATH is this one. */
async function versioned(files: Record<string, string>, below = ''): Promise<Versioned> {
  const project = await annotatedProject(files, join('work', below))
  const home = join(project.cwd, below === '' ? '..' : '../..')
  const top = join(home, 'work')
  mkdirSync(join(home, 'bin'))
  const sm = `#!/bin/sh\nexec '${process.execPath}' '${repository}packages/cli/bin/sm.mjs' "$@"\n`
  writeFileSync(join(home, 'bin/sm'), sm, { mode: 0o755 })
  const env = { PATH: `${join(home, 'bin')}:/usr/local/bin:/usr/bin:/bin`, HOME: home, GIT_CONFIG_NOSYSTEM: '1' }
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd: top, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  git('init', '-q')
  git('config', 'user.name', 'Someone')
  git('config', 'user.email', 'someone@example.org')
  writeFileSync(join(top, '.gitignore'), '.skill-map/\n')
  return { ...project, git, home, hook: join(top, '.git/hooks/pre-commit') }
}

const HOSTILE = [
  'with space',
  'with \'quote"',
  'with\nnewline',
  '-leading',
  ':(top)magic',
  '*',
  'ünï💥',
  '$(touch owned)',
  '"',
]

describe('sm bump --pending --staged', () => {
  test('stages exactly the sidecars that it wrote, whatever their names', async () => {
    const files = HOSTILE.flatMap((name) => [
      [`${name}.md`, 'body'],
      [`${name}.sm`, STALE(`${name}.md`)],
    ])
    const { sm, git, cwd } = await versioned(Object.fromEntries([...files, ['other.sm', 'x'], ['fresh.md', 'x']]))
    const { code, json, stderr } = await sm(['bump', '--pending', '--staged', '--json', '-q'])
    expect([code, json().bumped, stderr]).toEqual([0, HOSTILE.length, ''])
    const staged = git('diff', '--cached', '--name-only', '-z').split('\0').filter(Boolean)
    expect(staged.sort()).toEqual(HOSTILE.map((name) => `${name}.sm`).sort())
    expect(existsSync(join(cwd, 'owned'))).toBe(false)
  })

  test('tells how git ended where git itself says nothing', async () => {
    const { sm, home } = await versioned({ 'a.md': 'a', 'a.sm': STALE('a.md') })
    writeFileSync(join(home, 'bin/git'), '#!/bin/sh\ncase "$*" in *--version) ;; *) exit 9;; esac\n', { mode: 0o755 })
    const env = { PATH: `${join(home, 'bin')}:/usr/bin:/bin` }
    const { code, stderr } = await sm(['bump', '--pending', '--staged', '-q'], { env })
    expect([code, stderr]).toEqual([0, 'a.sm is not staged: git failed: 9\n'])
  })

  test('warns of what git does not take, and goes on', async () => {
    const files = { 'a.md': 'a', 'a.sm': STALE('a.md'), 'b.md': 'b', 'b.sm': STALE('b.md') }
    const { sm, git, cwd } = await versioned(files)
    writeFileSync(join(cwd, '.gitignore'), 'a.sm\n')
    const { code, json, stderr } = await sm(['bump', '--pending', '--staged', '--json', '-q'])
    expect([code, json().bumped, json().errors, stderr]).toEqual([
      0,
      2,
      [],
      expect.stringMatching(/^a\.sm is not staged: /),
    ])
    expect(git('diff', '--cached', '--name-only')).toBe('b.sm\n')
  })
})

describe('sm hooks install pre-commit-bump', () => {
  test.each([
    ['at the top of its repository', ''],
    ["below it, in a folder with 'odd' name", "in 'here'"],
  ])(
    'has each commit of a project %s hold the bumped sidecars',
    async (_, below) => {
      const { sm, git, hook, write, sidecar } = await versioned({ 'a.md': 'one', 'a.sm': STALE('a.md') }, below)
      const { code, json } = await sm(['hooks', 'install', 'pre-commit-bump', '--json'])
      expect([code, json()]).toEqual([0, { flavour: 'pre-commit-bump', target: hook, status: 'installed' }])
      git('add', '-A')
      git('commit', '-qm', 'first')
      const path = join(below, 'a.sm')
      expect(git('show', `HEAD:${path}`)).toMatch(/annotations:\n {2}version: 1\n/)
      write({ 'a.md': 'two' })
      git('commit', '-qam', 'second')
      expect(git('show', `HEAD:${path}`)).toMatch(/annotations:\n {2}version: 2\n/)
      expect(await sidecar('a.md')).toMatchObject({ annotations: { version: 2 } })
      expect(git('status', '--porcelain')).toBe('')
    },
    60_000,
  )

  test('adds to a hook that is there, once, and leaves its rights as they are', async () => {
    const { sm, git, hook, home } = await versioned({ 'a.md': 'one', 'a.sm': STALE('a.md') })
    writeFileSync(hook, `#!/usr/bin/env bash\ntouch '${home}/ran'`, { mode: 0o744 })
    chmodSync(hook, 0o744)
    expect((await sm(['hooks', 'install', 'pre-commit-bump', '--json'])).json().status).toBe('appended')
    const text = readFileSync(hook, 'utf8')
    expect(text).toMatch(/^#!\/usr\/bin\/env bash\ntouch '[^\n]*\/ran'\n# skill-map: [\s\S]*sm bump --pending --staged/)
    expect((await sm(['hooks', 'install', 'pre-commit-bump', '--json'])).json().status).toBe('unchanged')
    expect([readFileSync(hook, 'utf8'), statSync(hook).mode & 0o777]).toEqual([text, 0o744])
    git('add', '-A')
    git('commit', '-qm', 'first')
    expect([existsSync(join(home, 'ran')), git('show', 'HEAD:a.sm')]).toEqual([
      true,
      expect.stringContaining('version: 1'),
    ])
  }, 60_000)

  test('shows what it would do when it is dry, and does nothing', async () => {
    const { sm, hook } = await versioned({ 'a.md': 'one' })
    rmSync(join(hook, '..'), { recursive: true, force: true })
    const { code, stdout } = await sm(['hooks', 'install', 'pre-commit-bump', '--dry-run'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(`^--- target: ${hook} ---\n#!/bin/sh\n# skill-map: `)])
    expect(existsSync(join(hook, '..'))).toBe(false)
    const { json } = await sm(['hooks', 'install', 'pre-commit-bump', '--dry-run', '--json'])
    expect(json()).toMatchObject({ target: hook, status: 'installed', dryRun: true, content: expect.any(String) })
    await sm(['hooks', 'install', 'pre-commit-bump'])
    expect(readFileSync(hook, 'utf8')).toBe(json().content)
  })

  test('lets a commit be where there is no sm, and stops one whose sidecars cannot be bumped', async () => {
    const { sm, git, home, cwd } = await versioned({ 'a.md': 'one', 'a.sm': STALE('a.md') })
    await sm(['hooks', 'install', 'pre-commit-bump'])
    git('add', '-A')
    symlinkSync('/nowhere/at/all', join(cwd, '.a.sm.lock'))
    expect(() => git('commit', '-qm', 'stopped')).toThrow(/SIDECAR_UNWRITABLE/)
    rmSync(join(home, 'bin/sm'))
    git('commit', '-qm', 'first')
    expect(git('show', 'HEAD:a.sm')).toBe(STALE('a.md'))
  }, 60_000)

  const refusals: [string, (project: Versioned) => void][] = [
    ['a script of another language', ({ hook }) => writeFileSync(hook, '#!/usr/bin/python3\n', { mode: 0o755 })],
    ['a program', ({ hook }) => writeFileSync(hook, Buffer.from('\x7fELF\0'), { mode: 0o755 })],
    ['a hook that is switched off', ({ hook }) => writeFileSync(hook, '#!/bin/sh\n', { mode: 0o644 })],
    ['a hook that ends early', ({ hook }) => writeFileSync(hook, '#!/bin/sh\nmake\n  exit 0\n\n', { mode: 0o755 })],
    ['a link', ({ hook, home }) => symlinkSync(join(home, 'shared'), hook)],
    ['a folder that repositories share', ({ git, home }) => void git('config', 'core.hooksPath', join(home, 'hooks'))],
    ['a folder where one cannot be written', ({ git }) => void git('config', 'core.hooksPath', '.gitignore')],
  ]
  test.each(refusals)('leaves %s as it is', async (_, prepare) => {
    const project = await versioned({ 'a.md': 'one' })
    prepare(project)
    const held = existsSync(project.hook) ? readFileSync(project.hook) : undefined
    const { code, json } = await project.sm(['hooks', 'install', 'pre-commit-bump', '--json'])
    expect([code, json().error?.code]).toEqual([2, 'HOOK_REFUSED'])
    expect(existsSync(project.hook) ? readFileSync(project.hook) : undefined).toEqual(held)
    expect([existsSync(join(project.home, 'shared')), existsSync(join(project.home, 'hooks'))]).toEqual([false, false])
  })

  test('goes up into no folder that git is kept from', async () => {
    const { sm, home, hook } = await versioned({ 'a.md': 'one' }, 'below')
    const env = { GIT_CEILING_DIRECTORIES: join(home, 'work') }
    const { code } = await sm(['hooks', 'install', 'pre-commit-bump'], { env })
    expect([code, existsSync(hook)]).toEqual([5, false])
  })

  test('finds no repository, and no other hook', async () => {
    const { sm } = await annotatedProject({ 'a.md': 'one' })
    const nowhere = await sm(['hooks', 'install', 'pre-commit-bump', '--json'])
    expect([nowhere.code, nowhere.json().error.code]).toEqual([5, 'REPOSITORY_UNKNOWN'])
    expect((await sm(['hooks', 'install', 'post-merge'], { cwd: temporaryFolder() })).code).toBe(2)
  })
})
