import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { newSigningKey, nodeDisk } from '@tenon/bundle'
import { digestHex, parseDigest, TenonError } from '@tenon/contract'
import { readWorkspace, type OfferedRelease } from '@tenon/installer'
import { temporaryFolder } from '@tenon/testkit'
import { code, install, installed, key, shelf, type Shelf } from './shelf.ts'

let one: Shelf
beforeAll(async () => {
  one = await shelf([
    { id: 'b', version: '1.1.0' },
    { id: 'c', version: '1.0.0' },
  ])
})

const offer = ({ offers }: Shelf, id: string): OfferedRelease => {
  const [release] = offers.get(id) ?? []
  if (release === undefined) throw new Error(`${id} is offered`)
  return release
}
/** The shelf, but what it says of one plugin is changed. */
const saying = (id: string, changes: Partial<OfferedRelease>): Shelf => ({
  ...one,
  releases: async (asked) => (asked === id ? [{ ...offer(one, id), ...changes }] : one.releases(asked)),
})

describe('what does not match is not installed', () => {
  test.each<[string, string, () => Shelf | Promise<Shelf>]>([
    [
      'a flipped byte in the archive',
      'BUNDLE_DIGEST_MISMATCH',
      () => ({
        ...one,
        artifact: async (digest) =>
          (async function* () {
            const bytes = one.archives.get(digest) ?? new Uint8Array()
            yield bytes.with(bytes.length - 9, (bytes.at(-9) ?? 0) ^ 1)
          })(),
      }),
    ],
    [
      'an artifact that is none',
      'ARCHIVE_INVALID',
      () => {
        const digest = parseDigest('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
        return saying('b', { digest })
      },
    ],
    ["another plugin's bundle", 'BUNDLE_CONTENT_MISMATCH', () => saying('b', { ...offer(one, 'c'), version: '1.1.0' })],
    ['another version than announced', 'BUNDLE_CONTENT_MISMATCH', () => saying('b', { version: '1.2.0' })],
    [
      "another bundle's envelope",
      'BUNDLE_SIGNATURE_INVALID',
      () => saying('b', { envelope: offer(one, 'c').envelope }),
    ],
    [
      'an envelope without a good signature',
      'BUNDLE_SIGNATURE_INVALID',
      () => {
        const { envelope } = offer(one, 'b')
        return saying('b', { envelope: { ...envelope, signatures: [{ keyid: key.id, sig: 'AAAA' }] } })
      },
    ],
    [
      'a signer that the registry does not know',
      'BUNDLE_SIGNATURE_INVALID',
      () => ({ ...one, key: async () => undefined }),
    ],
    [
      'a signer that the registry knows as somebody else',
      'BUNDLE_SIGNATURE_INVALID',
      () => ({ ...one, key: async () => ({ publicKey: key.publicKey, publishers: ['evil', 'acme-too'] }) }),
    ],
    [
      'another key under the id of the signer',
      'BUNDLE_SIGNATURE_INVALID',
      () => ({ ...one, key: async () => ({ publicKey: newSigningKey().publicKey, publishers: ['acme'] }) }),
    ],
    [
      "a publisher's plugin that another publisher announces and signed",
      'BUNDLE_CONTENT_MISMATCH',
      () => ({
        ...saying('b', { publisher: 'evil' }),
        key: async () => ({ publicKey: key.publicKey, publishers: ['evil'] }),
      }),
    ],
  ])('%s', async (_what, expected, source) => {
    const folder = temporaryFolder()
    await expect(install(folder, await source(), { b: '*' })).rejects.toThrow(code(expected))
    expect(await installed(folder)).toEqual({})
  })

  test('another content under a locked version', async () => {
    const folder = temporaryFolder()
    await install(folder, one, { b: '1.1.0' })
    const forged = await shelf([
      { id: 'b', version: '1.1.0', body: 'export const evil = 1' },
      { id: 'c', version: '1.0.0' },
    ])
    await expect(install(folder, forged, { c: '*' })).rejects.toThrow(code('BUNDLE_DIGEST_MISMATCH'))
  })

  test('a key of the publisher among others is enough, and is the signer', async () => {
    const folder = temporaryFolder()
    const { envelope } = offer(one, 'b')
    const signatures = [{ keyid: newSigningKey().id, sig: 'AAAA' }, ...envelope.signatures]
    await install(folder, saying('b', { envelope: { ...envelope, signatures } }), { b: '*' })
    const { lock, generation } = await readWorkspace(nodeDisk, folder)
    expect([lock.plugins['b']?.signer, generation.plugins['b']?.signer]).toEqual([key.id, key.id])
  })
})

describe('a damaged store', () => {
  const harms: [string, (files: string) => void][] = [
    ['a changed file', (files) => (rmSync(join(files, 'a.ts')), writeFileSync(join(files, 'a.ts'), 'changed'))],
    ['a lost file', (files) => rmSync(join(files, 'a.ts'))],
    ['a lost envelope', (files) => rmSync(join(files, '../envelope.json'))],
  ]

  test.each(harms)('with %s is mended by installing again', async (_what, harm) => {
    const folder = temporaryFolder()
    await install(folder, one, { b: '*' })
    harm(join(folder, '.tenon/store', digestHex(offer(one, 'b').digest), 'files'))
    await install(folder, one, { c: '*' })
    expect(await installed(folder)).toEqual({ b: '1.1.0', c: '1.0.0' })
    let asked = 0
    const artifact: Shelf['artifact'] = async (digest) => {
      asked += 1
      return one.artifact(digest)
    }
    await install(folder, { ...one, artifact }, {}, ['c'])
    expect(asked).toBe(0)
  })

  test('that cannot be read at all is no damage to mend but a fault to tell', async () => {
    const folder = temporaryFolder()
    await install(folder, one, { b: '*' })
    const files = join(folder, '.tenon/store', digestHex(offer(one, 'b').digest), 'envelope.json')
    rmSync(files)
    mkdirSync(files)
    const failing = install(folder, one, { c: '*' })
    await expect(failing).rejects.not.toBeInstanceOf(TenonError)
    await expect(failing).rejects.toThrow('EISDIR')
  })
})
