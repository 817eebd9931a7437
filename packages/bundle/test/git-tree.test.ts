import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gitBlobs, gitTree, openRepository } from '@tenon/bundle'
import { temporaryRepository } from '@tenon/testkit'
import { expect, test } from 'vitest'

const STRANGE = 'with space\tand "tab"\nand a line ü'

test('the files of a commit are read as they were committed, whatever their names, and not as they lie', async () => {
  const { folder, commit, world, git } = temporaryRepository()
  symlinkSync('a.md', join(folder, 'link'))
  writeFileSync(join(folder, 'run.sh'), '')
  chmodSync(join(folder, 'run.sh'), 0o755)
  const first = commit({ 'a.md': 'one\n', 'below/b.md': 'two\n\n', [STRANGE]: 'three' })
  commit({ 'a.md': 'changed\n' })
  writeFileSync(join(folder, 'a.md'), 'not committed')
  const repository = await openRepository(world)
  const files = await gitTree(repository, first)
  expect(files.map(({ path, mode }) => [path, mode])).toEqual([
    ['a.md', '100644'],
    ['below/b.md', '100644'],
    ['link', '120000'],
    ['run.sh', '100755'],
    [STRANGE, '100644'],
  ])
  const blobs = await gitBlobs(
    repository,
    files.map(({ object }) => object),
  )
  expect(files.map(({ object }) => blobs.get(object)?.toString())).toEqual(['one\n', 'two\n\n', 'a.md', '', 'three'])
  expect((await gitTree(repository, 'main', 'below')).map(({ path }) => path)).toEqual(['below/b.md'])
  expect(git('rev-parse', 'HEAD~1')).toBe(first)
})

test('of no objects nothing is asked, and of a revision that is not there git says so', async () => {
  const { commit, world } = temporaryRepository()
  commit({ 'a.md': 'one' })
  const repository = await openRepository(world)
  expect((await gitBlobs(repository, [])).size).toBe(0)
  await expect(gitTree(repository, 'nowhere')).rejects.toThrow(/git failed: .*nowhere/)
})
