import { symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  committedFolder,
  committedPolicies,
  deriveFiles,
  readPluginFolder,
  readPolicies,
  requireSpec,
} from '@tenon/authoring'
import { openRepository } from '@tenon/bundle'
import { temporaryFolder, temporaryRepository } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { policies, quickDisk, scaffold, write } from './plugins.ts'

test('a plugin that is all of its repository is read as well', async () => {
  const root = join(temporaryFolder(), 'demo-plugin')
  await scaffold('node', 'demo-plugin', dirname(root))
  const { commit, world } = temporaryRepository(root)
  commit({})
  const committed = await committedFolder(await openRepository(world), 'HEAD', '')
  expect(requireSpec(committed).id).toBe('demo-plugin')
})

test('a plugin is read at a commit as it was read in its folder then', async () => {
  const { folder, commit, world } = temporaryRepository()
  await scaffold('node', 'demo-plugin', join(folder, 'plugins'))
  symlinkSync('CHANGELOG.md', join(folder, 'plugins/demo-plugin/link'))
  commit({ 'plugins/demo-plugin/dist/made.js': '', 'plugins/demo-plugin-too/a.md': '' })
  const lying = await readPluginFolder(quickDisk, join(folder, 'plugins/demo-plugin'))
  commit({ 'plugins/demo-plugin/CHANGELOG.md': 'later' })
  const committed = await committedFolder(await openRepository(world), 'HEAD~1', 'plugins/demo-plugin')
  const sorted = lying.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  expect(committed.files.map(({ path, bytes }) => [path, bytes.toString()])).toEqual(
    sorted.map(({ path, bytes }) => [path, bytes.toString()]),
  )
  expect(committed.irregular).toEqual(['link'])
  const read = await readPolicies(quickDisk, policies)
  expect(deriveFiles(requireSpec(committed), read.policies, committed)).toEqual(
    deriveFiles(requireSpec(lying), read.policies, lying),
  )
})

test('packs are read at a commit as they were read in their folder then, in the order of their names', async () => {
  const { folder, commit, world } = temporaryRepository()
  for (const pack of ['own', 'own-too'])
    write(
      folder,
      `policies/${pack}/1.0.0/pack.yaml`,
      `pack: ${pack}\nversion: 1.0.0\nreleased: 2026-01-01\nrules: []\n`,
    )
  symlinkSync('own', join(folder, 'policies/linked'))
  commit({ 'policies/own/next/pack.yaml': '' })
  const lying = await readPolicies(quickDisk, join(folder, 'policies'))
  commit({ 'policies/another/1.0.0/pack.yaml': '' })
  const read = await committedPolicies(await openRepository(world), 'HEAD~1', { folder: 'policies', plugins: [] })
  expect(read).toEqual(lying)
  expect(read.policies.packs.map(({ pack }) => pack)).toEqual(['own', 'own-too'])
  expect(read.problems.map(({ message }) => message)).toEqual(['is no regular file', '"next" is no version'])
})
