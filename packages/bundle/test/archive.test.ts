import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { readArchive, treePaths, writeArchive } from '@tenon/bundle'
import { limits } from '@tenon/contract'
import { bytes, code, plain, spec, tarOf, tgzOf } from './sample.ts'

const refused = (why: string) =>
  expect.objectContaining({ code: 'ARCHIVE_INVALID', message: expect.stringContaining(why) })

async function* pieces(...all: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all
}

describe('an archive', () => {
  test('of the same files has the same bytes in any order, and gives them back', async () => {
    const archive = await writeArchive(plain)
    expect(await writeArchive(plain.toReversed())).toEqual(archive)
    const back = await readArchive(archive)
    expect(back.map(({ path, bytes: content }) => [path, Buffer.from(content).toString()])).toEqual([
      ['plugin.spec.json', JSON.stringify(spec)],
      ['src/a.ts', 'export {}'],
    ])
  })

  test('is read from pieces of any size', async () => {
    const archive = await writeArchive(plain)
    const single = Array.from(archive, (_, at) => archive.subarray(at, at + 1))
    expect(await readArchive(pieces(...single))).toEqual(await readArchive(archive))
  })

  test('of no files is none, and an empty file stays empty', async () => {
    expect(await readArchive(await writeArchive([]))).toEqual([])
    expect(await readArchive(await tgzOf([{ name: 'a' }]))).toEqual([{ path: 'a', bytes: Buffer.alloc(0) }])
  })

  test.each([
    [[{ name: '../x' }], '".."'],
    [[{ name: '/etc/x' }], 'absolute'],
    [[{ name: 'a', type: 'symlink' as const, linkname: '/etc/passwd' }], 'of type symlink'],
    [[{ name: 'a', type: 'link' as const, linkname: '/etc/passwd' }], 'of type link'],
    [[{ name: 'a', type: 'directory' as const }], 'of type directory'],
    [[{ name: 'a', type: 'fifo' as const }], 'of type fifo'],
    [[{ name: 'a' }, { name: 'a' }], 'twice'],
    [[{ name: 'A' }, { name: 'a' }], 'case'],
    [[{ name: 'a/b' }, { name: 'a' }], 'a file and a folder'],
    [[{ name: 'nul.txt' }], 'reserved'],
  ])('with %j is refused', async (entries, why) => {
    await expect(readArchive(await tgzOf(entries))).rejects.toThrow(refused(why))
  })

  test('with an entry of a kind that nobody knows is refused', async () => {
    const tar = await tarOf([{ name: 'a' }])
    tar.write('Z', 156)
    const sum = tar.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    await expect(readArchive(gzipSync(tar))).rejects.toThrow(refused('regular files only'))
  })

  test.each([
    ['a file over the limit', [{ name: 'a', size: limits.bundleFileBytes + 1 }], 'larger than'],
    ['a size that is none', [{ name: 'a', pax: { size: '-5' } }], 'readable'],
  ])('with %s is refused before its bytes are read', async (_what, headers, why) => {
    const tar = pack()
    for (const header of headers) tar.entry(header)
    const [header] = (await once(tar, 'data')) as [Buffer]
    await expect(readArchive(gzipSync(header))).rejects.toThrow(refused(why))
  })

  test('with more files than the limit is refused', async () => {
    const many = Array.from({ length: limits.bundleFilesMax + 1 }, (_, at) => ({ name: `f${at}` }))
    await expect(readArchive(await tgzOf(many))).rejects.toThrow(refused('one file more'))
  })

  test('that unpacks without end where no entry is is not read to its end', async () => {
    const zeros = gzipSync(Buffer.alloc(4_194_304))
    let sent = 0
    const endless = (async function* () {
      yield await tgzOf([{ name: 'a', body: 'x' }])
      for (; ; sent += 1) yield zeros
    })()
    await expect(readArchive(endless)).rejects.toThrow(refused('unpacks to more than'))
    expect(sent).toBeLessThan(100)
  })

  test.each([
    ['no gzip', bytes('no gzip')],
    ['no tar', gzipSync('no tar at all, but long enough to be read as a header '.repeat(20))],
    ['half a gzip', gzipSync('x').subarray(0, 12)],
    ['nothing', new Uint8Array()],
  ])('that is %s is refused', async (_what, damaged) => {
    await expect(readArchive(damaged)).rejects.toThrow(code('ARCHIVE_INVALID'))
  })

  test('that was cut anywhere is refused', async () => {
    const archive = await writeArchive(plain)
    for (const cut of [1, 20, archive.length >> 1, archive.length - 9, archive.length - 1])
      await expect(readArchive(archive.subarray(0, cut)), `${cut}`).rejects.toThrow(code('ARCHIVE_INVALID'))
  })

  test('whose source fails midway is refused with the reason', async () => {
    const failing = (async function* () {
      yield (await writeArchive(plain)).subarray(0, 20)
      throw new Error('line cut')
    })()
    await expect(readArchive(failing)).rejects.toThrow(refused('line cut'))
  })
})

describe('a path', () => {
  test.each([
    '',
    'a//b',
    'a/./b',
    'a/../b',
    '/a',
    'C:/x',
    'a\\b',
    'a\u0000',
    'a:b',
    'what?.md',
    'a|b',
    'cafe\u0301',
    '\ud800',
    'aux',
    'a/con.txt',
    'COM¹',
    'x.',
    'x '.padEnd(4),
    'x'.repeat(513),
    `${'ä'.repeat(128)}.md`,
  ])('%j is refused', (path) => {
    expect(treePaths()(path)).toEqual(expect.any(String))
  })

  test.each(['a', 'a/b.c', '.gitattributes', 'größe.md', 'console.ts', 'x'.repeat(255)])('%j is accepted', (path) => {
    expect(treePaths()(path)).toBeUndefined()
  })

  test.each([
    [['a', 'a'], 'occurs twice'],
    [['a/b', 'A/c'], 'differs from "a" only in case'],
    [['a/B', 'a/b'], 'differs from "a/B" only in case'],
    [['a', 'a/b'], 'makes "a" a file and a folder'],
    [['a/b/c', 'a/b'], 'makes "a/b" a file and a folder'],
    [['a/b', 'a/c', 'b/a'], undefined],
  ])('after the others, of %j the last is judged: %s', (paths, fault) => {
    const judge = treePaths()
    expect(paths.map(judge).at(-1)).toBe(fault)
  })
})
