import {
  chmodSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contentStore, digestBytes, newSigningKey, nodeDisk, signStatement } from '@tenon/bundle'
import type { Disk } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { code, plain, statementOn, withManifest } from './sample.ts'

const digest = digestBytes('the archive')
const envelope = signStatement(statementOn('a'.repeat(64)), newSigningKey())

async function storedPlugin() {
  const root = temporaryFolder()
  const store = contentStore(nodeDisk, root)
  await store.put(digest, withManifest(plain), envelope)
  // Times that can be put back to the nanosecond.
  for (const path of ['src/a.ts', '../envelope.json']) utimesSync(join(store.folder(digest), path), 1e9, 1e9)
  return { root, store, files: join(store.folder(digest)) }
}

/** Other bytes of the same length, with the time of change put back: by writing, or by putting another file there. */
function forge(path: string, how: 'write' | 'rename'): void {
  const { mode } = statSync(path)
  const bytes = readFileSync(path)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  const target = how === 'write' ? path : `${path}.new`
  chmodSync(path, 0o644)
  writeFileSync(target, bytes)
  chmodSync(target, mode)
  utimesSync(target, 1e9, 1e9)
  if (how === 'rename') renameSync(target, path)
}

const harms: [what: string, harm: (files: string) => void, named: string][] = [
  ['a changed byte', (files) => forge(join(files, 'src/a.ts'), 'write'), 'src/a.ts'],
  [
    'another file of the same size and time in its place',
    (files) => forge(join(files, 'src/a.ts'), 'rename'),
    'src/a.ts',
  ],
  ['an added file', (files) => writeFileSync(join(files, 'src/b.ts'), ''), 'src/b.ts'],
  ['an added link', (files) => symlinkSync('a.ts', join(files, 'src/b.ts')), 'src/b.ts'],
  ['a removed file', (files) => rmSync(join(files, 'src/a.ts')), 'src/a.ts'],
  [
    'a link to the very same bytes',
    (files) => {
      renameSync(join(files, 'src/a.ts'), join(files, '../a.ts'))
      symlinkSync('../../a.ts', join(files, 'src/a.ts'))
    },
    'src/a.ts',
  ],
]

test.each(harms)('%s makes a stored bundle another one, and is named when it is read', async (_what, harm, named) => {
  const { store, files } = await storedPlugin()
  const before = await store.identity(digest)
  expect(await store.identity(digest)).toBe(before)
  harm(files)
  expect(await store.identity(digest)).not.toBe(before)
  const opening = store.open(digest)
  await expect(opening).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  await expect(opening).rejects.toMatchObject({ problems: [{ file: named }], message: expect.stringContaining(named) })
})

test('the envelope beside a bundle, and a write through another name of a file, change it too', async () => {
  const { store, root, files } = await storedPlugin()
  const before = await store.identity(digest)
  forge(join(files, '../envelope.json'), 'write')
  const second = await store.identity(digest)
  const other = join(root, 'other name')
  linkSync(join(files, 'src/a.ts'), other)
  forge(other, 'write')
  expect(new Set([before, second, await store.identity(digest)]).size).toBe(3)
})

test('no file is read to tell whether any has changed', async () => {
  const { root, store } = await storedPlugin()
  const disk: Disk = { ...nodeDisk, read: () => Promise.reject(new Error('nothing is to be read')) }
  expect(await contentStore(disk, root).identity(digest)).toBe(await store.identity(digest))
})
