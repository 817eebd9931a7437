import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '@tenon/contract'
import { scan, type ScanEvent } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { scanFolder, writeFiles, type Files } from './folder-scan.ts'

const pathsOf = async (files: Files, ignore: string[] = []) =>
  (await scanFolder({ files, options: { ignore } })).result.nodes.map(({ path }) => path)

test('lists names in code unit order, folder by folder', async () => {
  expect(await pathsOf({ 'b.md': '', 'a/z.md': '', 'a.md': '', 'B.md': '', 'a/b/c.md': '', 'é.md': '' })).toEqual([
    'B.md',
    'a/b/c.md',
    'a/z.md',
    'a.md',
    'b.md',
    'é.md',
  ])
})

test('reads only what a Provider reads', async () => {
  const { result } = await scanFolder({ files: { 'a.txt': '', 'a.mdx': '', md: '', 'b.Md': '' } })
  expect(result.nodes.map(({ path }) => path)).toEqual(['b.Md'])
  expect(result.stats.filesWalked).toBe(1)
})

describe('ignore rules', () => {
  test('the defaults keep tools’ folders out, at any depth', async () => {
    const names = ['.git', 'node_modules', 'dist', 'build', 'out', '.next', '.cache', '.tmp', '.skill-map']
    const files = Object.fromEntries(
      names.flatMap((name) => [
        [`${name}/a.md`, ''],
        [`x/${name}/y/a.md`, ''],
      ]),
    )
    expect(await pathsOf({ ...files, 'x/ok.md': '' })).toEqual(['x/ok.md'])
  })

  test('the configuration adds rules and .skillmapignore has the last word', async () => {
    const files = {
      '.skillmapignore': '# comment\n!keep.md\n/top/\n*.draft.md\n',
      'a.md': '',
      'docs/keep.md': '',
      'docs/drop.md': '',
      'top/x.md': '',
      'in/top/x.md': '',
      'in/y.draft.md': '',
    }
    expect(await pathsOf(files, ['keep.md', 'drop.md'])).toEqual(['a.md', 'docs/keep.md', 'in/top/x.md'])
  })

  test('a default can be taken back', async () => {
    expect(await pathsOf({ '.skillmapignore': '!dist/\n', 'dist/a.md': '' })).toEqual(['dist/a.md'])
  })
})

test('never follows a link, to a file or to a folder', async () => {
  const folder = temporaryFolder()
  writeFiles(folder, { 'real/a.md': '', 'real/a.sm': 'x' })
  symlinkSync(join(folder, 'real'), join(folder, 'linked'))
  symlinkSync(join(folder, 'real/a.md'), join(folder, 'b.md'))
  symlinkSync(folder, join(folder, 'real/loop'))
  symlinkSync(join(folder, 'real/a.sm'), join(folder, 'real/c.sm'))
  writeFiles(folder, { 'real/c.md': '', 'rules.txt': 'c.md\n' })
  symlinkSync(join(folder, 'rules.txt'), join(folder, '.skillmapignore'))
  const { result } = await scanFolder({ folder })
  expect(result.nodes.map(({ path, sidecar }) => [path, sidecar?.present])).toEqual([
    ['real/a.md', true],
    ['real/c.md', false],
  ])
})

test('a rule that is longer than a path can be counts for nothing and is told', async () => {
  const rules = ['b.md', 'a: {'.repeat(30_000), 'c.md']
  const { result, events } = await scanFolder({
    files: { 'a.md': '', 'b.md': '', 'c.md': '', '.skillmapignore': rules.join('\n') },
    options: { ignore: ['x'.repeat(100_000)] },
  })
  expect(result.nodes.map(({ path }) => path)).toEqual(['a.md'])
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'scan.skipped', data: { path: '.skillmapignore', reason: 'rule-too-long' } }),
  )
})

test('names of nothing but dots are names', async () => {
  const { result } = await scanFolder({ files: { '.../a.md': '', '...md': '', 'q/...': '' } })
  expect(result.nodes.map(({ path }) => path)).toEqual(['.../a.md', '...md'])
})

test('a file of more than a mebibyte is skipped and told', async () => {
  const { result, events } = await scanFolder({
    files: { 'big.md': 'x'.repeat(1_048_577), 'fits.md': 'x'.repeat(1_048_576) },
  })
  expect(result.nodes.map(({ path }) => path)).toEqual(['fits.md'])
  expect(result.stats).toMatchObject({ filesWalked: 2, filesSkipped: 1 })
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'scan.skipped', data: { path: 'big.md', reason: 'too-large' } }),
  )
})

test.skipIf(process.getuid?.() === 0)('what may not be read is skipped and told', async () => {
  const folder = temporaryFolder()
  writeFiles(folder, { 'a.md': '', 'secret.md': '' })
  mkdirSync(join(folder, 'closed'))
  chmodSync(join(folder, 'secret.md'), 0o000)
  chmodSync(join(folder, 'closed'), 0o000)
  const { result, events } = await scanFolder({ folder })
  expect(result.nodes.map(({ path }) => path)).toEqual(['a.md'])
  expect(events.filter(({ type }) => type === 'scan.skipped')).toHaveLength(2)
})

test('a file that vanishes while the scan runs is skipped and told', async () => {
  const folder = temporaryFolder()
  // One more than two batches hold, so that the last file is still to be read when the first one is told.
  const count = 2 * limits.mapBatchFiles
  const names = Array.from({ length: count + 1 }, (_, index) => `${1000 + index}.md`)
  writeFiles(folder, Object.fromEntries(names.map((name) => [name, ''])))
  const last = names.at(-1) ?? ''
  const skipped: object[] = []
  const onEvent = ({ type, data }: ScanEvent): void => {
    if (type === 'scan.progress') rmSync(join(folder, last), { force: true })
    if (type === 'scan.skipped') skipped.push(data)
  }
  const { result } = await scan({ roots: ['.'], world: simulatedWorld(1, { cwd: folder }), options: { onEvent } })
  expect(result.nodes).toHaveLength(count)
  expect(skipped).toEqual([{ path: last, reason: 'unreadable' }])
})

describe('roots', () => {
  test('paths are relative to their root, and the first root wins a path', async () => {
    const { result, events } = await scanFolder({
      files: { 'one/a.md': 'first', 'two/a.md': 'second', 'two/b.md': '' },
      roots: ['one', 'two'],
    })
    expect(result.roots).toEqual(['one', 'two'])
    expect(result.nodes.map(({ path, bytes }) => [path, bytes.body])).toEqual([
      ['a.md', 5],
      ['b.md', 0],
    ])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'scan.skipped', data: { path: 'a.md', reason: 'path-taken' } }),
    )
  })

  test.each([[['gone']], [['file.md']], [['file.md/x']]])('%j is no folder', async (roots) => {
    await expect(scanFolder({ files: { 'file.md': '' }, roots })).rejects.toMatchObject({ code: 'SCAN_FAILED' })
  })

  test('there must be one', async () => {
    await expect(scanFolder({ roots: [] })).rejects.toMatchObject({ code: 'SCAN_FAILED' })
  })
})
