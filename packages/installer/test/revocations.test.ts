import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeDisk } from '@tenon/bundle'
import { limits, type Revocation } from '@tenon/contract'
import {
  findingsOf,
  hearRevocations,
  readHeard,
  readRevocations,
  readWorkspace,
  revokeHere,
  staleness,
  type RevocationSource,
  type Subject,
} from '@tenon/installer'
import { temporaryFolder } from '@tenon/testkit'
import { code, install, installed, key, machineOf, shelf, type Shelf } from './shelf.ts'

const at = '2026-01-01T00:00:00.000Z'
const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`
const [mine, other] = [digestOf('1'), digestOf('2')]

const subject: Subject = {
  manifest: { id: 'b', version: '1.0.0', publisher: 'acme' },
  manifestDigest: mine,
  signer: key.id,
  attestation: { plugin: 'b', version: '1.0.0', gates: [{ gate: 'spec', checked: 1, problems: 0 }] },
}

describe('what speaks against a bundle', () => {
  test.each<[what: string, revocation: Omit<Revocation, 'why' | 'at'>, found: string[]]>([
    ['is that it was revoked', { kind: 'bundle', digest: mine }, ['BUNDLE_REVOKED']],
    ['is not that another was', { kind: 'bundle', digest: other }, []],
    ['is that its key was revoked for everybody', { kind: 'key', digest: key.id }, ['KEY_REVOKED']],
    [
      'is that its key was revoked for its publisher',
      { kind: 'key', digest: key.id, publisher: 'acme' },
      ['KEY_REVOKED'],
    ],
    ['is not that its key was revoked for another', { kind: 'key', digest: key.id, publisher: 'evil' }, []],
    ['is not that another key was', { kind: 'key', digest: other }, []],
    ['is not that a bundle has the digest of its key', { kind: 'bundle', digest: key.id }, []],
  ])('%s', (_what, revocation, found) => {
    expect(findingsOf(subject, [{ ...revocation, why: 'why', at }]).map((one) => one.code)).toEqual(found)
  })

  test('is told all at once, with when and why', () => {
    const revocations: Revocation[] = [
      { kind: 'key', digest: key.id, why: 'stolen', at },
      { kind: 'bundle', digest: mine, why: 'wrong', at },
    ]
    const found = findingsOf({ ...subject, attestation: { ...subject.attestation, gates: [] } }, revocations)
    expect(found.map((one) => [one.code, one.message])).toEqual([
      ['BUNDLE_REVOKED', `b@1.0.0 was revoked at ${at}: wrong`],
      ['KEY_REVOKED', `b@1.0.0 is signed by ${key.id}, revoked at ${at}: stolen`],
      ['ATTESTATION_MISSING', expect.any(String)],
    ])
  })

  test('is that its registry was not heard for too long, or never', () => {
    const heard = { version: 1, registry: 'http://r', etag: '', askedAt: 1_000, revocations: [] } as const
    const after = (ms: number) =>
      staleness('http://r', { ...heard, revocations: [] }, 1_000 + ms).map((one) => [one.code, one.message])
    expect(after(limits.revocationAgeMs)).toEqual([])
    expect(after(limits.revocationAgeMs + 1)).toEqual([
      ['REVOCATIONS_STALE', 'what http://r has revoked was last heard at 1970-01-01T00:00:01.000Z'],
    ])
    expect(staleness(undefined, undefined, 0)).toMatchObject([
      { message: 'what its registry has revoked was never asked' },
    ])
  })
})

describe('what was revoked on a machine', () => {
  test('stays as it was first, and is read back', async () => {
    const home = join(temporaryFolder(), 'home')
    expect(await readRevocations(nodeDisk, home)).toEqual([])
    const first: Revocation = { kind: 'key', digest: key.id, why: 'stolen', at }
    expect(await revokeHere(nodeDisk, machineOf(home), first)).toEqual(first)
    expect(await revokeHere(nodeDisk, machineOf(home), { ...first, why: 'another' })).toEqual(first)
    const second: Revocation = { kind: 'bundle', digest: key.id, publisher: 'acme', why: 'wrong', at }
    await revokeHere(nodeDisk, machineOf(home), second)
    expect(await readRevocations(nodeDisk, home)).toEqual([second, first])
  })

  test('is not passed over when it is damaged', async () => {
    const home = temporaryFolder()
    await revokeHere(nodeDisk, machineOf(home), { kind: 'key', digest: key.id, why: 'stolen', at })
    const [name = ''] = readdirSync(join(home, 'revoked'))
    writeFileSync(join(home, 'revoked', name), '{}')
    await expect(readRevocations(nodeDisk, home)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
  })
})

describe('what a registry says', () => {
  const one: Revocation = { kind: 'key', digest: mine, publisher: 'acme', why: 'stolen', at }
  const two: Revocation = { kind: 'bundle', digest: other, why: 'wrong', at }
  type Answer = Awaited<ReturnType<RevocationSource['revocations']>>
  const saying = (answer: Answer, tags: (string | undefined)[] = []): RevocationSource => ({
    url: 'http://r',
    revocations: async (etag) => (tags.push(etag), answer),
  })

  test('is kept with when it was heard, and asked for by its tag', async () => {
    const home = temporaryFolder()
    const tags: (string | undefined)[] = []
    expect(await readHeard(nodeDisk, home, 'http://r')).toBeUndefined()
    await hearRevocations(nodeDisk, machineOf(home), saying({ revocations: [one], etag: 'a' }, tags), 5)
    await hearRevocations(nodeDisk, machineOf(home), saying(undefined, tags), 9)
    expect(await readHeard(nodeDisk, home, 'http://r')).toMatchObject({ askedAt: 9, etag: 'a', revocations: [one] })
    expect(tags).toEqual([undefined, 'a'])
    expect(await readHeard(nodeDisk, home, 'http://other')).toBeUndefined()
  })

  test('stays, also when it says less later', async () => {
    const home = temporaryFolder()
    await hearRevocations(nodeDisk, machineOf(home), saying({ revocations: [one], etag: 'a' }), 5)
    const heard = await hearRevocations(nodeDisk, machineOf(home), saying({ revocations: [two], etag: 'b' }), 6)
    expect(heard.revocations).toEqual([one, two])
    expect(
      (await hearRevocations(nodeDisk, machineOf(home), saying({ revocations: [], etag: 'c' }), 7)).revocations,
    ).toEqual([one, two])
  })

  test('is whole, whoever else writes it down meanwhile', async () => {
    const home = temporaryFolder()
    const asked = Array.from({ length: 20 }, (_, at_) =>
      hearRevocations(nodeDisk, machineOf(home), saying({ revocations: [one, two], etag: 'a' }), at_),
    )
    await Promise.all(asked)
    expect((await readHeard(nodeDisk, home, 'http://r'))?.revocations).toEqual([one, two])
    expect(readdirSync(join(home, 'heard-revocations'))).toHaveLength(1)
  })

  test('is not taken for what it did not say', async () => {
    const home = temporaryFolder()
    await hearRevocations(nodeDisk, machineOf(home), saying({ revocations: [one], etag: 'a' }), 5)
    const [name = ''] = readdirSync(join(home, 'heard-revocations'))
    const path = join(home, 'heard-revocations', name)
    for (const text of [
      '{}',
      JSON.stringify({ version: 1, registry: 'http://x', etag: '', askedAt: 1, revocations: [] }),
    ]) {
      writeFileSync(path, text)
      await expect(readHeard(nodeDisk, home, 'http://r')).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
    }
  })
})

describe('an installation', () => {
  let source: Shelf
  beforeAll(async () => {
    source = await shelf([
      { id: 'b', version: '1.0.0' },
      { id: 'c', version: '1.0.0' },
    ])
  })
  const keyRevoked: Revocation = { kind: 'key', digest: key.id, publisher: 'acme', why: 'stolen', at }

  test('of what was revoked, or signed with a key that was, is refused', async () => {
    const folder = temporaryFolder()
    await install(folder, source, { b: '*' })
    const { manifestDigest: digest } = (await readWorkspace(nodeDisk, folder)).generation.plugins['b'] ?? {}
    const bundle: Revocation = { kind: 'bundle', digest: digest ?? '', why: 'wrong', at }
    const fresh = temporaryFolder()
    await expect(install(fresh, source, { b: '*' }, [], [bundle])).rejects.toThrow(code('BUNDLE_REVOKED'))
    await expect(install(fresh, source, { b: '*' }, [], [keyRevoked])).rejects.toThrow(code('KEY_REVOKED'))
    expect(await installed(fresh)).toEqual({})
    await install(fresh, source, { b: '*' }, [], [{ ...keyRevoked, publisher: 'evil' }])
  })

  test('keeps what is there, whatever became of its key at the registry', async () => {
    const folder = temporaryFolder()
    await install(folder, source, { b: '*', c: '*' })
    const nobody: Shelf = { ...source, key: async () => undefined }
    await install(folder, nobody, {}, ['c'], [keyRevoked])
    expect(await installed(folder)).toEqual({ b: '1.0.0' })
  })
})
