import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { load } from 'js-yaml'
import { describe, expect, onTestFinished, test } from 'vitest'
import { annotateSidecar, orphanSidecars, presentNode, refreshSidecar, removeOrphan, builtInPlugins } from '@tenon/map'
import { takePassingLock } from '@tenon/database'
import { wallWorld } from '@tenon/testkit'
import { annotated, writing } from './annotated-folder.ts'
import { writeFiles } from './folder-scan.ts'

const IDENTITY = 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\n'
const FILES = { 'a.md': 'body', 'a.sm': IDENTITY }
const world = wallWorld()
const code = (wanted: string) => expect.objectContaining({ code: wanted })

/** Another process that writes the sidecar of `a.md`, again and again, until it has done so often enough. */
function writer(
  folder: string,
  name: string,
  times: number,
): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const script = join(import.meta.dirname, 'writing-process.ts')
  const words = ['--disable-warning=ExperimentalWarning', script, folder, name, String(times)]
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('a sidecar', () => {
  test('loses nothing of what several processes write at once', async () => {
    const { folder, sidecar } = await annotated([], { files: FILES })
    const writers = ['w1', 'w2', 'w3'].map((name) => writer(folder, name, 40))
    expect(await Promise.all(writers.map(({ stdout }) => text(stdout)))).toEqual(Array(3).fill('done\n'))
    const { annotations } = load(sidecar() ?? '') as { annotations: Record<string, number> }
    expect(annotations).toEqual({ w1: 40, w2: 40, w3: 40, version: 120 })
    expect(readdirSync(folder).sort()).toEqual(['a.md', 'a.sm'])
  }, 120_000)

  test('is the old one or the new one when its writer is killed, and is written again after that', async () => {
    const { folder, sidecar, act } = await annotated([writing({ annotations: { tags: ['after'] } })], { files: FILES })
    for (let kills = 0; kills < 12; kills += 1) {
      const before = sidecar()
      const child = writer(folder, 'w', 100_000)
      const exited = once(child, 'exit')
      while (sidecar() === before && child.exitCode === null) await world.timer(1)
      await world.timer(kills)
      child.kill('SIGKILL')
      await exited
      expect(load(sidecar() ?? '')).toMatchObject({
        identity: { path: 'a.md' },
        annotations: { w: expect.any(Number) },
      })
    }
    expect((await act()).wrote).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['a.md', 'a.sm'])
  }, 120_000)

  test('that an editor changes while an action runs is read again, and not overwritten', async () => {
    let runs = 0
    const { act, sidecar } = await annotated(
      [
        writing(({ node, nodeAbsolutePath }) => {
          runs += 1
          if (runs === 1) writeFileSync(nodeAbsolutePath.replace(/md$/, 'sm'), `${IDENTITY}edited: here\n`)
          return { annotations: { tags: Object.keys(node.sidecar?.root ?? {}) } }
        }),
      ],
      { files: FILES },
    )
    await act()
    expect(load(sidecar() ?? '')).toMatchObject({ edited: 'here', annotations: { tags: ['identity', 'edited'] } })
    expect(runs).toBe(2)
  })

  test('that an editor changes while it is being written is not overwritten', async () => {
    const { folder, node, sidecar } = await annotated([], { files: FILES })
    const edited = `${IDENTITY}edited: here\n`
    const watcher = watch(folder, (_, name) => name === '.a.sm.aside' && writeFileSync(join(folder, 'a.sm'), edited))
    onTestFinished(() => watcher.close())
    await expect(refreshSidecar(await presentNode({ folders: [folder] }, node), world)).rejects.toThrow(
      code('SIDECAR_CHANGED'),
    )
    expect(sidecar()).toBe(edited)
    expect(readdirSync(folder).sort()).toEqual(['a.md', 'a.sm'])
  })

  test('that never rests is not written', async () => {
    let runs = 0
    const restless = writing(({ nodeAbsolutePath }) => {
      writeFileSync(nodeAbsolutePath.replace(/md$/, 'sm'), `${IDENTITY}run: ${(runs += 1)}\n`)
      return { annotations: { tags: ['mine'] } }
    })
    const { act, sidecar } = await annotated([restless], { files: FILES })
    await expect(act()).rejects.toThrow(code('SIDECAR_CHANGED'))
    expect(sidecar()).toBe(`${IDENTITY}run: 3\n`)
  })

  test('that another process holds is not written', async () => {
    let seconds = 0
    const time = { monotonic: () => (seconds += 1) * 1_000 }
    const { act, folder, sidecar } = await annotated([writing({ annotations: {} })], { files: FILES, time })
    const script = join(import.meta.dirname, '../../database/test/locking-process.ts')
    const holder = spawn(process.execPath, [script, join(folder, '.a.sm.lock'), 'hold'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void holder.kill('SIGKILL'))
    await once(holder.stdout, 'data')
    await expect(act()).rejects.toThrow(code('SIDECAR_BUSY'))
    expect(sidecar()).toBe(IDENTITY)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect((await act()).wrote).toBe(true)
  }, 60_000)

  test('that is a symbolic link, a folder or a pipe is never written', async () => {
    const { act, folder } = await annotated()
    writeFiles(folder, { 'elsewhere.txt': IDENTITY })
    symlinkSync(join(folder, 'elsewhere.txt'), join(folder, 'a.sm'))
    await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_UNWRITABLE'))
    expect(readFileSync(join(folder, 'elsewhere.txt'), 'utf8')).toBe(IDENTITY)
    rmSync(join(folder, 'a.sm'))
    symlinkSync(join(folder, 'nothing.txt'), join(folder, 'a.sm'))
    await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_UNWRITABLE'))
    rmSync(join(folder, 'a.sm'))
    mkdirSync(join(folder, 'a.sm'))
    await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_UNWRITABLE'))
    rmdirSync(join(folder, 'a.sm'))
    execFileSync('mkfifo', [join(folder, 'a.sm')])
    await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_UNWRITABLE'))
    expect(readdirSync(folder).sort()).toEqual(['a.md', 'a.sm', 'elsewhere.txt'])
  })

  test('whose neighbours of a moment are links, or of somebody else, is not written', async () => {
    const { act, folder } = await annotated()
    writeFiles(folder, { '.a.sm.lock': 'what somebody wrote\n'.repeat(100) })
    await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_UNWRITABLE'))
    rmSync(join(folder, '.a.sm.lock'))
    for (const name of ['.a.sm.aside', '.a.sm.lock']) {
      symlinkSync(join(folder, `to${name}`), join(folder, name))
    }
    await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_UNWRITABLE'))
    rmSync(join(folder, '.a.sm.lock'))
    expect((await act('core/bump')).wrote).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['a.md', 'a.sm'])
  })

  test.runIf(process.getuid?.() !== 0)('in a folder that nobody may write is left as it is', async () => {
    const { act, folder } = await annotated([], { files: FILES })
    chmodSync(folder, 0o500)
    onTestFinished(() => chmodSync(folder, 0o700))
    await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_UNWRITABLE'))
  })

  test('that is not UTF-8, or too large, is not written over', async () => {
    for (const bytes of [Buffer.from(`${IDENTITY}a: "\xff"\n`, 'latin1'), `${IDENTITY}# ${'x'.repeat(1_048_576)}`]) {
      const { folder, node } = await annotated()
      writeFiles(folder, { 'a.sm': bytes })
      await expect(refreshSidecar(await presentNode({ folders: [folder] }, node), world)).rejects.toThrow(
        code('SIDECAR_INVALID'),
      )
      expect(readFileSync(join(folder, 'a.sm'))).toEqual(Buffer.from(bytes))
    }
  })
})

test('a sidecar is made with nothing but identity, and not over another unless it is to go', async () => {
  const { folder, node, sidecar } = await annotated()
  const live = () => presentNode({ folders: [folder] }, node)
  await expect(refreshSidecar(await live(), world)).rejects.toThrow(code('SIDECAR_UNKNOWN'))
  await annotateSidecar(await live(), world, { overwrite: false })
  expect(sidecar()).toMatch(/^# /)
  expect(load(sidecar() ?? '')).toEqual({
    annotations: {},
    identity: { path: 'a.md', bodyHash: node.bodyHash, frontmatterHash: node.frontmatterHash },
  })
  expect((await live()).node.sidecar).toMatchObject({ status: 'fresh', annotations: {} })
  writeFiles(folder, { 'a.sm': 'mine' })
  await expect(annotateSidecar(await live(), world, { overwrite: false })).rejects.toThrow(code('SIDECAR_EXISTS'))
  expect(sidecar()).toBe('mine')
  await annotateSidecar(await live(), world, { overwrite: true })
  expect((await live()).node.sidecar?.status).toBe('fresh')
})

test('orphans are the sidecars beside which no file of their name lies, nor a link to one', async () => {
  const { folder } = await annotated([], { files: { ...FILES, 'd/gone.sm': 'x', 'back.sm': 'x', 'linked.sm': 'x' } })
  symlinkSync(join(folder, 'a.md'), join(folder, 'linked.md'))
  const search = { roots: ['.'], world: wallWorld({ cwd: folder }), extensions: builtInPlugins }
  const found = await orphanSidecars(search)
  expect(found.map(({ sidecarPath, expectedMd }) => [sidecarPath, expectedMd])).toEqual([
    ['back.sm', 'back.md'],
    ['d/gone.sm', 'd/gone.md'],
  ])
  writeFiles(folder, { 'back.md': 'it came' })
  const removed: boolean[] = []
  for (const orphan of found) removed.push(await removeOrphan(orphan, world))
  expect([removed, readdirSync(join(folder, 'd')), readdirSync(folder).includes('back.sm')]).toEqual([
    [false, true],
    [],
    true,
  ])
})

test('a lock that was left behind is no lock', async () => {
  const { act, folder } = await annotated()
  takePassingLock(join(folder, '.a.sm.lock'))?.release()
  writeFiles(folder, { '.a.sm.lock': '', '.a.sm.aside': 'half a sid' })
  expect((await act('core/bump')).wrote).toBe(true)
  expect(readdirSync(folder).sort()).toEqual(['a.md', 'a.sm'])
})
