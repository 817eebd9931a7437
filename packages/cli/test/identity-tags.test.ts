import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { governed, withPlugins, type Governed } from './governed.ts'

async function sealed(...ids: string[]): Promise<Governed> {
  const repository = await withPlugins(...ids)
  await repository.done('ids', 'seal')
  return repository
}

const tagsOf = ({ git }: Governed): string[] =>
  git('for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/tags').split('\n').filter(Boolean)

test('every sealed version gets its tag, at the commit that was sealed, once', async () => {
  const repository = await sealed('first', 'second')
  const [one, two] = repository.git('rev-list', '--reverse', 'HEAD').split('\n')
  const made = await repository.done('ids', 'tag')
  expect(made).toEqual({ made: ['plugin/first/v0.1.0', 'plugin/second/v0.1.0'], kept: [], pushed: false })
  expect(tagsOf(repository)).toEqual([`plugin/first/v0.1.0 ${one}`, `plugin/second/v0.1.0 ${two}`])
  expect(repository.git('cat-file', '-t', 'plugin/first/v0.1.0')).toBe('commit')
  expect((await repository.tenon('ids', 'tag')).stdout).toBe('no tag to make\n')
  await repository.done('ids', 'seal')
  expect(repository.told().slice(11)).toEqual(['tag.pushed 0.1.0', 'tag.pushed 0.1.0'])
  expect(repository.read('ids/registry.yaml')).toContain('tag: plugin/second/v0.1.0\n')
})

test('a tag that is elsewhere stops all of them, and is not moved', async () => {
  const repository = await sealed('first', 'second')
  repository.git('tag', 'plugin/first/v0.1.0', 'HEAD')
  const before = tagsOf(repository)
  const ended = await repository.tenon('ids', 'tag')
  expect([ended.code, ended.stderr]).toEqual([
    5,
    expect.stringMatching(
      /TAG_CONFLICT[\s\S]*refs\/tags\/plugin\/first\/v0\.1\.0 is at [0-9a-f]{40}; sealed was [0-9a-f]{40}/,
    ),
  ])
  expect(tagsOf(repository)).toEqual(before)
  expect((await repository.done('ids', 'seal')).appended).toEqual([])
})

test('an annotated tag at the right commit stays', async () => {
  const repository = await sealed('first')
  repository.git('tag', '-a', '-m', 'First', 'plugin/first/v0.1.0', 'HEAD')
  expect(await repository.done('ids', 'tag')).toMatchObject({ made: [], kept: ['plugin/first/v0.1.0'] })
})

test('a commit that git no longer has gets no tag', async () => {
  const repository = await sealed('first')
  const there = repository.git('rev-parse', 'HEAD')
  repository.git('commit', '-q', '--amend', '-m', 'Another history')
  repository.git('reflog', 'expire', '--expire=now', '--all')
  repository.git('gc', '-q', '--prune=now')
  const ended = await repository.tenon('ids', 'tag')
  expect([ended.code, ended.stderr]).toEqual([5, expect.stringContaining(`sealed was`)])
  expect(ended.stderr).toContain('manifest of nothing')
  expect(there).not.toBe(repository.git('rev-parse', 'HEAD'))
})

test('only these tags are pushed, and what the remote refuses is told', async () => {
  const repository = await sealed('first', 'second')
  const origin = join(temporaryFolder(), 'origin.git')
  repository.git('init', '-q', '--bare', origin)
  repository.git('remote', 'add', 'origin', origin)
  repository.git('tag', 'mine')
  const pushed = await repository.tenon('ids', 'tag', '--push')
  expect([pushed.code, pushed.stdout]).toEqual([0, expect.stringMatching(/pushed 2 tag\(s\) to origin\n$/)])
  const remote = () =>
    repository
      .git('ls-remote', 'origin')
      .split('\n')
      .map((line) => line.split('\t')[1])
  expect(remote()).toEqual(['refs/tags/plugin/first/v0.1.0', 'refs/tags/plugin/second/v0.1.0'])
  repository.git('push', '-q', 'origin', ':refs/tags/plugin/second/v0.1.0')
  const hook = join(origin, 'hooks/update')
  writeFileSync(hook, '#!/bin/sh\nexit 1\n')
  chmodSync(hook, 0o755)
  const refused = await repository.tenon('ids', 'tag', '--push')
  expect([refused.code, refused.stderr]).toEqual([
    5,
    expect.stringMatching(/TAG_CONFLICT: origin refused 1 tag\(s\): .*plugin\/second\/v0\.1\.0 .*\(hook declined\)/),
  ])
  repository.git('remote', 'set-url', 'origin', '/nowhere/at/all')
  const lost = await repository.tenon('ids', 'tag', '--push')
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining('GIT_FAILED')])
})

test('without a sealed version there is no tag to make, nor to push', async () => {
  const repository = governed()
  repository.commit({})
  await repository.done('ids', 'seal')
  for (const push of [[], ['--push']]) {
    const { code, stdout } = await repository.tenon('ids', 'tag', ...push)
    expect([code, stdout]).toEqual([0, push.length === 0 ? 'no tag to make\n' : 'pushed 0 tag(s) to origin\n'])
  }
})
