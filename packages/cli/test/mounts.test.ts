import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decide, parseCapability } from '@tenon/contract'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { fileMounts } from '../src/compose/mounts.ts'

type Mounts = ReturnType<typeof fileMounts>

const FILES = ['a.txt', 'a/b.txt', 'a/c/d.txt', 'a/c/e.txt', 'ab/f.txt'] as const

function filled(): string {
  const root = temporaryFolder()
  for (const name of FILES) {
    mkdirSync(join(root, dirname(name)), { recursive: true })
    writeFileSync(join(root, name), name)
  }
  return root
}

const mounts = (asked: readonly string[], granted: readonly string[], workspace: string): Mounts =>
  fileMounts(asked.map(parseCapability), granted.map(parseCapability), workspace)

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'PERMISSION_DENIED', message: expect.stringMatching(message) })

describe('a plugin sees', () => {
  test('what is both asked and granted, the narrower of the two', () => {
    const workspace = filled()
    const tree = '${workspace}/**'
    expect(mounts([`fs:read:${tree}`], [`fs:read:${tree}`], workspace)).toEqual([
      { source: workspace, target: '/workspace', readOnly: true },
    ])
    const narrow = [{ source: join(workspace, 'a/c'), target: '/workspace/a/c', readOnly: false }]
    expect(mounts([`fs:write:${tree}`], ['fs:write:${workspace}/a/c/**'], workspace)).toEqual(narrow)
    expect(mounts(['fs:write:${workspace}/a/c/**'], [`fs:write:${tree}`], workspace)).toEqual(narrow)
  })

  test('nothing that is only asked, only granted, of another kind, of a run or not there', () => {
    const workspace = filled()
    const read = ['fs:read:${workspace}/**']
    expect(mounts(read, [], workspace)).toEqual([])
    expect(mounts([], read, workspace)).toEqual([])
    expect(mounts(read, ['fs:write:${workspace}/**'], workspace)).toEqual([])
    for (const capability of [
      'storage:kv',
      'env:read:HOME',
      'fs:read:${dataset}/**',
      'fs:read:${workspace}/nowhere/**',
    ])
      expect(mounts([capability], [capability], workspace)).toEqual([])
  })

  test('of a path one file, never the folder below it, and of a tree a folder, never one file', () => {
    const workspace = filled()
    for (const target of ['fs:read:${workspace}', 'fs:read:${workspace}/a', 'fs:read:${workspace}/a.txt/**'])
      expect(mounts([target], [target], workspace)).toEqual([])
    expect(mounts(['fs:read:${workspace}/a/**'], ['fs:read:${workspace}/a'], workspace)).toEqual([])
  })

  test('a folder of the machine where it is', () => {
    const root = filled()
    const capability = `fs:read:${root}/a/**`
    expect(mounts([capability], ['fs:read:/**'], '/elsewhere')).toEqual([
      { source: join(root, 'a'), target: join(root, 'a'), readOnly: true },
    ])
    expect(mounts(['fs:read:/**'], ['fs:read:/**'], '/elsewhere')).toEqual([
      { source: '/', target: '/', readOnly: true },
    ])
  })

  test('a workspace whose name would mean something in a replacement', () => {
    const workspace = join(filled(), "$&$'x")
    mkdirSync(workspace)
    expect(mounts(['fs:read:${workspace}/**'], ['fs:read:${workspace}/**'], workspace)).toMatchObject([
      { source: workspace },
    ])
  })

  test('nothing that a link leads to', () => {
    const workspace = filled()
    symlinkSync('/etc', join(workspace, 'out'))
    symlinkSync('a', join(workspace, 'inside'))
    for (const target of [
      'fs:read:${workspace}/out/**',
      'fs:read:${workspace}/inside/c/**',
      `fs:read:${workspace}/out/hosts`,
    ])
      expect(() => mounts([target], [target], workspace)).toThrow(refusal(/leads to .*, which is not what was granted/))
    const link = join(filled(), 'workspace')
    symlinkSync(workspace, link)
    expect(mounts(['fs:read:${workspace}/a/**'], ['fs:read:${workspace}/**'], link)).toMatchObject([
      { source: join(link, 'a') },
    ])
  })

  test('nothing that leads nowhere but to itself', () => {
    const workspace = filled()
    symlinkSync('ring', join(workspace, 'ring'))
    const target = 'fs:read:${workspace}/ring/**'
    expect(() => mounts([target], [target], workspace)).toThrow(refusal(/ring cannot be shown: ELOOP/))
  })

  test('never another folder where the workspace is', () => {
    for (const target of ['fs:read:/workspace/**', 'fs:read:/workspace/a', 'fs:write:/workspace'])
      expect(() => mounts([target], ['fs:read:/**', 'fs:write:/**'], filled())).toThrow(refusal(/cannot be shown/))
    expect(mounts(['fs:read:/workspaces/**'], ['fs:read:/**'], filled())).toEqual([])
    expect(mounts(['fs:read:/workspace/none/**'], ['fs:read:/**'], '/workspace')).toEqual([])
  })
})

/** Says for each file by itself what `decide` allows; slow, and knows nothing of folders. */
function bySight(asked: readonly string[], granted: readonly string[]): Record<string, string> {
  const [wishes, grants] = [asked.map(parseCapability), granted.map(parseCapability)]
  const may = (action: string, name: string): boolean =>
    decide(wishes, grants, { action, target: `\${workspace}/${name}` }).allowed
  return Object.fromEntries(
    FILES.map((name) => [name, may('fs:write', name) ? 'write' : may('fs:read', name) ? 'read' : 'none']),
  )
}

/** What the kernel shows of each file: the innermost mount counts. */
function byMounts(found: Mounts, workspace: string): Record<string, string> {
  const isBelow = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..')
  return Object.fromEntries(
    FILES.map((name) => {
      const over = found.filter(({ source }) => isBelow(source, join(workspace, name)))
      const inner = over.toSorted((a, b) => b.target.length - a.target.length)[0]
      return [name, inner === undefined ? 'none' : inner.readOnly ? 'read' : 'write']
    }),
  )
}

test('mounts show exactly what is decided for each file', () => {
  const seed = Number(process.env['TENON_SEED'] ?? Math.floor(Math.random() * 1e9))
  console.log(`TENON_SEED=${seed}`)
  const chance = simulatedWorld(seed)
  const workspace = filled()
  const below = (bound: number): number => (chance.random(1)[0] ?? 0) % bound
  const targets = ['**', 'a', 'a/**', 'a/c', 'a/c/**', 'ab/**', ...FILES]
  const some = (): string[] =>
    Array.from(
      { length: below(4) },
      () => `fs:${['read', 'write'][below(2)]}:\${workspace}/${targets[below(targets.length)]}`,
    )
  for (let round = 0; round < 3_000; round += 1) {
    const [asked, granted] = [some(), some()]
    expect([asked, granted, byMounts(mounts(asked, granted, workspace), workspace)]).toEqual([
      asked,
      granted,
      bySight(asked, granted),
    ])
  }
})
