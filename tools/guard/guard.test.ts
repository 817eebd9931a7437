import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TOOLKIT } from '@tenon/authoring'
import { temporaryRepository } from '@tenon/testkit'
import { importsOf, sourceFiles } from '../house-rules/source-files.ts'
import { guardAsset, ownGuard } from './guard-asset.ts'

test('the guard that is shipped, and our own, are what the sources give: else run "node tools/guard/write.ts"', async () => {
  const text = await guardAsset()
  expect(await guardAsset()).toBe(text)
  expect(ownGuard.map((path) => readFileSync(path, 'utf8') === text)).toEqual([true, true])
})

test('the guard imports nothing but what is part of Node, and names no folder of a machine', () => {
  const [guard] = sourceFiles(['scripts/ids/guard.mjs'])
  const imports = guard === undefined ? [] : importsOf(guard).map(({ from }) => from)
  expect(imports.length).toBeGreaterThan(5)
  expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([])
  const text = guard?.text
  expect(text).not.toContain('/node_modules/')
  expect(text).not.toContain(process.cwd())
})

test('the guard runs by itself, where nothing else is', () => {
  const { folder, world, commit } = temporaryRepository()
  commit({ 'README.md': 'One.\n' })
  commit({ 'README.md': 'Two.\n' })
  cpSync(ownGuard[0] ?? '', join(folder, '.git/guard.mjs'))
  const words = ['.git/guard.mjs', 'uniqueness', '--base', 'HEAD^1', '--head', 'HEAD']
  const printed = execFileSync(process.execPath, words, { cwd: folder, env: world.env, encoding: 'utf8' })
  expect(printed).toMatch(/^ok {3}uniqueness/)
})

test('the version that the guard bears is that of the packages', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../packages/cli/package.json', import.meta.url), 'utf8'))
  expect(TOOLKIT).toBe(version)
})
