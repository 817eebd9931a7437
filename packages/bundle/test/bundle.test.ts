import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import {
  contentStore,
  currentGeneration,
  digestBytes,
  digestJson,
  folderBlobStore,
  newSigningKey,
  nodeDisk,
  openBundle,
  pathFault,
  publicKeyText,
  readArchive,
  readPublicKey,
  readTree,
  refuseForeignStatement,
  signingKey,
  signStatement,
  verifyEnvelope,
  writeArchive,
  writeAside,
  type PluginFile,
} from '@tenon/bundle'
import { limits, prettyJson, type Manifest, type Statement } from '@tenon/contract'
import { Killed, killingDisk, simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const code = (name: string) => expect.objectContaining({ code: name })
const bytes = (text: string): Uint8Array => Buffer.from(text)
const spec = {
  specVersion: 1,
  id: 'demo',
  publisher: 'acme',
  name: 'Demo',
  version: '1.0.0',
  runtime: { kind: 'node', entry: 'src/a.ts' },
} as const
const plain: PluginFile[] = [
  { path: 'plugin.spec.json', bytes: bytes(JSON.stringify(spec)) },
  { path: 'src/a.ts', bytes: bytes('export {}') },
]

function manifestOf(files: PluginFile[], changes: Partial<Manifest> = {}): PluginFile[] {
  const zero = digestBytes('')
  const manifest: Manifest = {
    manifestVersion: 1,
    template: 't',
    id: 'demo',
    publisher: 'acme',
    name: 'Demo',
    version: '1.0.0',
    runtime: spec.runtime,
    entryPoints: [],
    engines: {},
    dependencies: {},
    optionalDependencies: {},
    ifPresent: {},
    conflicts: {},
    capabilities: [],
    operations: [],
    digests: { spec: digestJson(spec), policySnapshot: zero, ledgerContract: zero },
    files: Object.fromEntries(files.map((file) => [file.path, digestBytes(file.bytes)])),
    ...changes,
  }
  return [...files, { path: 'manifest.json', bytes: bytes(prettyJson(manifest)) }]
}

async function rawTar(
  entries: { name: string; type?: 'file' | 'symlink' | 'link'; body?: string }[],
): Promise<Uint8Array> {
  const tar = pack()
  for (const { name, type = 'file', body = '' } of entries)
    tar.entry({ name, type, ...(type === 'file' ? {} : { linkname: '/etc/passwd' }) }, body)
  tar.finalize()
  return gzipSync(Buffer.concat(await Array.fromAsync(tar as unknown as AsyncIterable<Buffer>)))
}

describe('archives', () => {
  test('the same files give the same bytes in any order, and come back', async () => {
    const archive = await writeArchive(plain)
    expect(await writeArchive(plain.toReversed())).toEqual(archive)
    expect(
      (await readArchive(archive)).map(({ path, bytes: content }) => [path, Buffer.from(content).toString()]),
    ).toEqual([
      ['plugin.spec.json', JSON.stringify(spec)],
      ['src/a.ts', 'export {}'],
    ])
    expect(
      await readArchive(
        (async function* () {
          yield archive
        })(),
      ),
    ).toHaveLength(2)
  })

  test.each([
    [[{ name: '../x' }], '".."'],
    [[{ name: '/etc/x' }], 'absolute'],
    [[{ name: 'a', type: 'symlink' as const }], 'symlink'],
    [[{ name: 'a', type: 'link' as const }], 'link'],
    [[{ name: 'a' }, { name: 'a' }], 'twice'],
    [[{ name: 'A' }, { name: 'a' }], 'case'],
    [[{ name: 'nul.txt' }], 'reserved'],
  ])('%j is refused', async (entries, why) => {
    await expect(readArchive(await rawTar(entries))).rejects.toThrow(
      expect.objectContaining({ code: 'ARCHIVE_INVALID', message: expect.stringContaining(why) }),
    )
  })

  test('a file that says it is too large is refused before it is read', async () => {
    const tar = pack()
    tar.entry({ name: 'big', size: limits.bundleFileBytes + 1 })
    const [header] = (await once(tar, 'data')) as [Buffer]
    await expect(readArchive(gzipSync(Buffer.concat([header, Buffer.alloc(512)])))).rejects.toThrow(
      expect.objectContaining({ code: 'ARCHIVE_INVALID', message: expect.stringContaining('is larger than') }),
    )
  })

  test('a file more than allowed is refused', async () => {
    const entries = Array.from({ length: limits.bundleFilesMax + 1 }, (_, index) => ({ name: String(index) }))
    await expect(readArchive(await rawTar(entries))).rejects.toThrow(
      expect.objectContaining({ code: 'ARCHIVE_INVALID', message: expect.stringContaining('is one file more than') }),
    )
  })

  test.each([
    [bytes('no gzip')],
    [gzipSync('no tar at all, but long enough to be read as a header '.repeat(20))],
    [gzipSync('x').subarray(0, 12)],
  ])('damaged bytes are refused', async (damaged) => {
    await expect(readArchive(damaged)).rejects.toThrow(code('ARCHIVE_INVALID'))
  })

  test('a source that fails midway fails the reading', async () => {
    const failing = (async function* () {
      yield (await writeArchive(plain)).subarray(0, 20)
      throw new Error('line cut')
    })()
    await expect(readArchive(failing)).rejects.toThrow(code('ARCHIVE_INVALID'))
  })

  test.each([
    '',
    'a//b',
    'a/./b',
    'C:/x',
    'a\\b',
    'a\u0000',
    'cafe\u0301',
    'aux',
    'a/con.txt',
    'x.',
    'x '.padEnd(4),
    'x'.repeat(513),
  ])('the path %j is refused', (path) => {
    expect(pathFault(path)).toBeDefined()
  })
})

describe('a bundle', () => {
  test('holding exactly what its manifest lists opens', () => {
    const bundle = openBundle(manifestOf(plain))
    expect(bundle).toMatchObject({ spec, manifest: { id: 'demo' } })
    expect(bundle.manifestDigest).toBe(digestJson(bundle.manifest))
  })

  test.each([
    [
      'a flipped byte',
      manifestOf(plain).map((file) => (file.path === 'src/a.ts' ? { ...file, bytes: bytes('export { }') } : file)),
      'src/a.ts',
    ],
    ['a missing file', manifestOf(plain).filter((file) => file.path !== 'src/a.ts'), 'src/a.ts'],
    ['an unlisted file', [...manifestOf(plain), { path: 'extra.js', bytes: bytes('') }], 'extra.js'],
    ['another version in the spec', manifestOf(plain, { version: '2.0.0' }), 'version'],
    [
      'another spec',
      manifestOf(plain, {
        digests: { spec: digestBytes('x'), policySnapshot: digestBytes(''), ledgerContract: digestBytes('') },
      }),
      'spec digest',
    ],
    ['no manifest', plain, 'manifest.json'],
    ['a broken manifest', [...plain, { path: 'manifest.json', bytes: bytes('{}') }], 'manifest.json'],
  ])('with %s is refused', (_what, files, named) => {
    expect(() => openBundle(files)).toThrow(
      expect.objectContaining({ code: 'BUNDLE_CONTENT_MISMATCH', message: expect.stringContaining(named) }),
    )
  })
})

describe('signatures', () => {
  const key = newSigningKey()
  const statement: Statement = {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'urn:tenon:certification:1',
    subject: [{ name: 'demo@1.0.0', digest: { sha256: openBundle(manifestOf(plain)).manifestDigest.slice(7) } }],
    predicate: { plugin: 'demo', version: '1.0.0', gates: [] },
  }
  const keyOf = (id: string) => (id === key.id ? key.publicKey : undefined)

  test('a statement comes back as signed, with the key that signed it', () => {
    expect(verifyEnvelope(signStatement(statement, key), keyOf)).toEqual({ statement, keyId: key.id })
    expect(() => refuseForeignStatement(statement, openBundle(manifestOf(plain)))).not.toThrow()
  })

  test.each([
    ['another payload', { payload: Buffer.from('{}').toString('base64') }],
    ['another signature', { signatures: [{ keyid: key.id, sig: Buffer.alloc(64).toString('base64') }] }],
    ['an unknown key', { signatures: [{ keyid: newSigningKey().id, sig: 'AA==' }] }],
    ['no signature', { signatures: [] }],
    ['another payload type', { payloadType: 'text/plain' }],
  ])('with %s it is refused', (_what, changes) => {
    expect(() => verifyEnvelope({ ...signStatement(statement, key), ...changes }, keyOf)).toThrow(
      code('BUNDLE_SIGNATURE_INVALID'),
    )
  })

  test('a signed document that is no statement is refused', () => {
    expect(() => verifyEnvelope(signStatement({ a: 1 } as never, key), keyOf)).toThrow(code('BUNDLE_SIGNATURE_INVALID'))
  })

  test('a statement about another bundle is refused', () => {
    const other = openBundle(manifestOf(plain, { name: 'Other' }))
    expect(() => refuseForeignStatement(statement, other)).toThrow(code('BUNDLE_SIGNATURE_INVALID'))
  })

  test('a named key is made once, kept private, and read back', async () => {
    const folder = join(temporaryFolder(), 'keys')
    const made = await signingKey(nodeDisk, folder, 'tenon')
    expect((await signingKey(nodeDisk, folder, 'tenon')).id).toBe(made.id)
    expect(statSync(join(folder, 'tenon.pem')).mode & 0o777).toBe(0o600)
    expect(readPublicKey(publicKeyText(made.publicKey)).equals(made.publicKey)).toBe(true)
    writeFileSync(join(folder, 'tenon.pem'), 'nonsense')
    await expect(signingKey(nodeDisk, folder, 'tenon')).rejects.toThrow(code('KEY_INVALID'))
    expect(() => readPublicKey('nonsense')).toThrow(code('KEY_INVALID'))
  })
})

describe('stores', () => {
  const stream = (text: string) =>
    (async function* () {
      yield bytes(text.slice(0, 2))
      yield bytes(text.slice(2))
    })()

  test('a blob is kept under its digest, and bytes with another digest leave nothing', async () => {
    const folder = temporaryFolder()
    const blobs = folderBlobStore(nodeDisk, folder, simulatedWorld(1))
    const digest = digestBytes('hello')
    expect(await blobs.has(digest)).toBe(false)
    expect(await blobs.get(digest)).toBeUndefined()
    await expect(blobs.put(digest, stream('hullo'))).rejects.toThrow(code('BUNDLE_DIGEST_MISMATCH'))
    expect(await readTree(nodeDisk, folder)).toEqual([])
    expect(await blobs.put(digest, stream('hello'))).toEqual({ size: 5 })
    expect(Buffer.concat(await Array.fromAsync((await blobs.get(digest)) ?? [])).toString()).toBe('hello')
    expect(await blobs.has(digest)).toBe(true)
  })

  test('a stored bundle opens with its envelope, and a changed file is found', async () => {
    const root = temporaryFolder()
    const store = contentStore(nodeDisk, root)
    const envelope = signStatement({} as never, newSigningKey())
    const digest = digestBytes('the archive')
    await store.put(digest, manifestOf(plain), envelope)
    await store.put(digest, manifestOf(plain), envelope).catch(() => undefined)
    expect(await store.has(digest)).toBe(true)
    expect(await store.list()).toEqual([digest])
    expect(await store.open(digest)).toMatchObject({ bundle: { manifest: { id: 'demo' } }, envelope })
    writeFileSync(join(store.folder(digest), 'src/a.ts'), 'changed', { flag: 'r+' })
    await expect(store.open(digest)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
    writeFileSync(join(store.folder(digest), '../envelope.json'), '{}', { flag: 'w' })
    await expect(store.open(digest)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
    await store.remove(digest)
    await expect(store.open(digest)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
  })

  test('a link in a tree is refused', async () => {
    const root = temporaryFolder()
    symlinkSync('/etc/passwd', join(root, 'a'))
    await expect(readTree(nodeDisk, root)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  })

  test('the current generation is what the pointer says, and damage is named', async () => {
    const root = temporaryFolder()
    expect(await currentGeneration(nodeDisk, root)).toEqual({ generation: 0, plugins: {} })
    mkdirSync(join(root, 'generations/1'), { recursive: true })
    symlinkSync('generations/1', join(root, 'current'))
    await expect(currentGeneration(nodeDisk, root)).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT', message: expect.stringContaining('missing') }),
    )
    writeFileSync(join(root, 'generations/1/generation.json'), '{"generation":1,"plugins":{}}')
    expect(await currentGeneration(nodeDisk, root)).toEqual({ generation: 1, plugins: {} })
    writeFileSync(join(root, 'generations/1/generation.json'), '{"generation":1')
    await expect(currentGeneration(nodeDisk, root)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
  })

  test('a pointer to elsewhere is refused', async () => {
    const root = temporaryFolder()
    symlinkSync('/somewhere', join(root, 'current'))
    await expect(currentGeneration(nodeDisk, root)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
  })
})

describe('replacing a file', () => {
  test('a kill at any step leaves the old bytes or the new ones', async () => {
    const path = join(temporaryFolder(), 'a.txt')
    let step = 0
    for (; ; step += 1) {
      writeFileSync(path, 'the old bytes')
      try {
        await writeAside(killingDisk(nodeDisk, step), path, 'the new bytes')
        break
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Killed)
        expect(['the old bytes', 'the new bytes']).toContain(readFileSync(path, 'utf8'))
      }
    }
    expect(step).toBeGreaterThan(4)
    expect(readFileSync(path, 'utf8')).toBe('the new bytes')
  })
})
