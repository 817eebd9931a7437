import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  contentStore,
  currentGeneration,
  digestBytes,
  folderBlobStore,
  listTree,
  newSigningKey,
  nodeDisk,
  readFiles,
  readTree,
  signStatement,
  writeAside,
} from '@tenon/bundle'
import type { Disk } from '@tenon/contract'
import { Killed, killingDisk, simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { bytes, code, plain, statementOn, withManifest } from './sample.ts'

/** Runs the work with a kill at each of its durable steps in turn, until one run lives. */
async function everyKill(
  work: (disk: Disk) => Promise<unknown>,
  check: (step: number) => Promise<void>,
): Promise<number> {
  for (let step = 0; ; step += 1) {
    try {
      await work(killingDisk(nodeDisk, step))
      return step
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Killed)
      await check(step)
    }
  }
}

describe('blobs', () => {
  const stream = (text: string) =>
    (async function* () {
      yield bytes(text.slice(0, 2))
      yield bytes(text.slice(2))
    })()
  const digest = digestBytes('hello')

  test('are kept under their digest, and bytes with another digest leave nothing', async () => {
    const folder = temporaryFolder()
    const blobs = folderBlobStore(nodeDisk, folder, simulatedWorld(1))
    expect(await blobs.has(digest)).toBe(false)
    expect(await blobs.get(digest)).toBeUndefined()
    await expect(blobs.put(digest, stream('hullo'))).rejects.toThrow(code('BUNDLE_DIGEST_MISMATCH'))
    expect(await readTree(nodeDisk, folder)).toEqual([])
    expect(await blobs.put(digest, stream('hello'))).toEqual({ size: 5 })
    expect(Buffer.concat(await Array.fromAsync((await blobs.get(digest)) ?? [])).toString()).toBe('hello')
    expect(await blobs.has(digest)).toBe(true)
  })

  test('whose source breaks off leave nothing', async () => {
    const folder = temporaryFolder()
    const broken = (async function* () {
      yield bytes('he')
      throw new Error('line cut')
    })()
    await expect(folderBlobStore(nodeDisk, folder, simulatedWorld(1)).put(digest, broken)).rejects.toThrow('line cut')
    expect(await readTree(nodeDisk, folder)).toEqual([])
  })
})

describe('stored bundles', () => {
  const digest = digestBytes('the archive')
  const envelope = signStatement(statementOn('0'.repeat(64)), newSigningKey())

  async function stored() {
    const root = temporaryFolder()
    const store = contentStore(nodeDisk, root)
    await store.put(digest, withManifest(plain), envelope)
    return { root, store }
  }

  test('open with their envelope, and lie there read-only', async () => {
    const { store } = await stored()
    expect(await store.has(digest)).toBe(true)
    expect(await store.has(digestBytes('another'))).toBe(false)
    expect(await store.open(digest)).toMatchObject({ bundle: { manifest: { id: 'demo' } }, envelope })
    expect(statSync(join(store.folder(digest), 'src/a.ts')).mode & 0o222).toBe(0)
  })

  test.each([
    ['a changed file', 'files/src/a.ts', 'changed', 'BUNDLE_CONTENT_MISMATCH'],
    ['a file too many', 'files/extra', 'x', 'BUNDLE_CONTENT_MISMATCH'],
    ['a malformed envelope', 'envelope.json', '{}', 'DATA_FOLDER_CORRUPT'],
    ['an envelope that is no JSON', 'envelope.json', '{', 'DATA_FOLDER_CORRUPT'],
    ['no envelope', 'envelope.json', undefined, 'DATA_FOLDER_CORRUPT'],
  ])('with %s do not open, until they are put again', async (_what, path, text, expected) => {
    const { store } = await stored()
    const file = join(store.folder(digest), '..', path)
    rmSync(file, { force: true })
    if (text !== undefined) writeFileSync(file, text)
    await expect(store.open(digest)).rejects.toThrow(code(expected))
    await store.put(digest, withManifest(plain), envelope)
    expect(await store.open(digest)).toMatchObject({ bundle: { manifest: { id: 'demo' } } })
  })

  test('are there whole or not at all, whenever putting them is killed', async () => {
    const root = temporaryFolder()
    const steps = await everyKill(
      (disk) => contentStore(disk, root).put(digest, withManifest(plain), envelope),
      async () => {
        const store = contentStore(nodeDisk, root)
        if (await store.has(digest)) expect(await store.open(digest)).toMatchObject({ envelope })
        rmSync(root, { recursive: true })
        mkdirSync(root)
      },
    )
    expect(steps).toBeGreaterThan(12)
    expect(await contentStore(nodeDisk, root).open(digest)).toMatchObject({ envelope })
  })
})

describe('a folder', () => {
  test('is listed with all below it, and what is no regular file apart', async () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'b/c'), { recursive: true })
    for (const path of ['b.txt', 'b/c/d', 'skipped']) writeFileSync(join(root, path), path)
    symlinkSync('/etc/passwd', join(root, 'link'))
    execFileSync('mkfifo', [join(root, 'b/pipe')])
    expect(await listTree(nodeDisk, root, (name) => name !== 'skipped')).toEqual({
      files: ['b/c/d', 'b.txt'],
      irregular: ['b/pipe', 'link'],
    })
    await expect(readTree(nodeDisk, root)).rejects.toThrow(
      expect.objectContaining({ code: 'BUNDLE_CONTENT_MISMATCH', message: expect.stringContaining('link') }),
    )
  })

  test('that is not there, or loses a file while it is read, has fewer files', async () => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'a'), 'a')
    expect(await readFiles(nodeDisk, root, ['a', 'gone'])).toEqual([{ path: 'a', bytes: Buffer.from('a') }])
    expect(await readTree(nodeDisk, join(root, 'nowhere'))).toEqual([])
    expect(await readTree(nodeDisk, join(root, 'a/below-a-file'))).toEqual([])
  })
})

describe('the current generation', () => {
  const first = { generation: 1, before: 0, plugins: {} }

  function folderAt(target: string): string {
    const root = temporaryFolder()
    mkdirSync(join(root, 'generations/1'), { recursive: true })
    symlinkSync(target, join(root, 'current'))
    return root
  }

  test('is the empty one before anything is installed, then what the pointer says', async () => {
    expect(await currentGeneration(nodeDisk, temporaryFolder())).toEqual({ generation: 0, before: 0, plugins: {} })
    const root = folderAt('generations/1')
    writeFileSync(join(root, 'generations/1/generation.json'), JSON.stringify(first))
    expect(await currentGeneration(nodeDisk, root)).toEqual(first)
  })

  test.each([
    ['is missing', 'generations/1', undefined],
    ['is no JSON', 'generations/1', '{"generation":1'],
    ['is another document', 'generations/1', '{"generation":1}'],
    ['is pointed to elsewhere', '/somewhere', undefined],
    ['is pointed to as none', 'generations/0', undefined],
  ])('that %s is named as damage', async (_what, target, text) => {
    const root = folderAt(target)
    if (text !== undefined) writeFileSync(join(root, 'generations/1/generation.json'), text)
    await expect(currentGeneration(nodeDisk, root)).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT', message: expect.stringContaining(root) }),
    )
  })
})

describe('the disk', () => {
  test('a file is replaced wholly or not at all, whenever that is killed', async () => {
    const path = join(temporaryFolder(), 'a.txt')
    writeFileSync(path, 'the old bytes')
    const steps = await everyKill(
      (disk) => writeAside(disk, path, 'the new bytes'),
      async () => {
        expect(['the old bytes', 'the new bytes']).toContain(readFileSync(path, 'utf8'))
        writeFileSync(path, 'the old bytes')
      },
    )
    expect(steps).toBeGreaterThan(4)
    expect(readFileSync(path, 'utf8')).toBe('the new bytes')
  })

  test('tells files, folders, links and others apart, and what is not there from what cannot be read', async () => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'file'), 'x')
    symlinkSync('file', join(root, 'link'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const kinds = await Promise.all(
      ['file', '.', 'link', 'pipe', 'gone'].map((name) => nodeDisk.kind(join(root, name))),
    )
    expect(kinds).toEqual(['file', 'folder', 'link', 'other', undefined])
    expect(await nodeDisk.readLink(join(root, 'link'))).toBe('file')
    expect(await nodeDisk.stream(join(root, 'gone'))).toBeUndefined()
    await expect(nodeDisk.read(root)).rejects.toThrow('EISDIR')
  })

  test('takes a folder away with all in it, also what is read-only, and minds none that is not there', async () => {
    const folder = join(temporaryFolder(), 'a')
    await nodeDisk.makeFolder(join(folder, 'b'), 0o700)
    writeFileSync(join(folder, 'b/c'), 'x')
    chmodSync(join(folder, 'b/c'), 0o444)
    await nodeDisk.remove(folder)
    await nodeDisk.remove(folder)
    expect(await nodeDisk.kind(folder)).toBeUndefined()
  })
})
