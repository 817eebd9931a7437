import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { contentStore, newSigningKey, nodeDisk, type ContentStore } from '@tenon/bundle'
import { digestHex, type Digest, type Disk, type Statement } from '@tenon/contract'
import {
  findingsOf,
  readTrustedKeys,
  readWorkspace,
  subjectOf,
  trustKey,
  verifyInstalled,
  type InstalledBundle,
  type InstalledEntry,
  type TrustedKey,
} from '@tenon/installer'
import { temporaryFolder } from '@tenon/testkit'
import { code, install, key, placesOf, shelf, type Shelf } from './shelf.ts'

let source: Shelf
const gates = [{ gate: 'spec', checked: 1, problems: 0 }]
beforeAll(async () => {
  source = await shelf([
    { id: 'b', version: '1.0.0', gates },
    { id: 'bare', version: '1.0.0' },
    { id: 'failed', version: '1.0.0', gates: [...gates, { gate: 'tree', checked: 9, problems: 2 }] },
  ])
})

type Installed = { folder: string; files: string; store: ContentStore; keys: TrustedKey[]; entry: InstalledEntry }

async function installedOne(
  id = 'b',
): Promise<Installed & { verify(before?: InstalledBundle): Promise<InstalledBundle> }> {
  const folder = temporaryFolder()
  await install(folder, source, { [id]: '*' })
  const { generation, tenonFolder } = await readWorkspace(nodeDisk, folder)
  const entry = generation.plugins[id]
  if (entry === undefined) throw new Error('it is installed')
  const store = contentStore(nodeDisk, join(tenonFolder, 'store'))
  const keys = await readTrustedKeys(nodeDisk, placesOf(folder).machine.home)
  const verify = (before?: InstalledBundle) => verifyInstalled({ store, keys }, id, entry, before)
  return { folder, files: store.folder(entry.digest as Digest), store, keys, entry, verify }
}

test('what is installed is what was signed, by a key that came to be trusted with it', async () => {
  const { verify, keys, entry } = await installedOne()
  expect(keys).toMatchObject([{ keyId: key.id, publisher: 'acme', source: source.url }])
  const bundle = await verify()
  expect(bundle.attestation).toEqual({ plugin: 'b', version: '1.0.0', gates } satisfies Statement['predicate'])
  expect(bundle.stored.bundle.manifestDigest).toBe(entry.manifestDigest)
  expect(findingsOf(subjectOf(bundle, entry), [])).toEqual([])
})

test('files that are the same are not read again, and what they held is what counts', async () => {
  const { verify, folder, entry, keys } = await installedOne()
  const before = await verify()
  const disk: Disk = { ...nodeDisk, read: () => Promise.reject(new Error('nothing is to be read')) }
  const store = contentStore(disk, join(folder, '.tenon/store'))
  const again = await verifyInstalled({ store, keys }, 'b', entry, before)
  expect(again.stored).toBe(before.stored)
})

const harms: [what: string, file: string, harm: (files: string) => void][] = [
  ['a changed file', 'a.ts', (files) => overwrite(join(files, 'a.ts'), 'export [}')],
  ['an added file', 'b.ts', (files) => writeFileSync(join(files, 'b.ts'), '')],
  ['a removed file', 'a.ts', (files) => rmSync(join(files, 'a.ts'))],
  [
    'a link',
    'a.ts',
    (files) => {
      renameSync(join(files, 'a.ts'), join(files, '../a.ts'))
      symlinkSync('../a.ts', join(files, 'a.ts'))
    },
  ],
]

function overwrite(path: string, text: string): void {
  chmodSync(path, 0o644)
  writeFileSync(path, text)
}

test.each(harms)('%s after it was verified is named', async (_what, file, harm) => {
  const { verify, files } = await installedOne()
  const before = await verify()
  harm(files)
  const refused = verify(before)
  await expect(refused).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  await expect(refused).rejects.toMatchObject({
    message: expect.stringContaining(`the stored "b" was changed: ${file} `),
    problems: [{ file }],
    hint: expect.stringContaining('plugin install'),
  })
})

test('a file that was put back as it was is good again', async () => {
  const { verify, files } = await installedOne()
  const before = await verify()
  const text = readFileSync(join(files, 'a.ts'), 'utf8')
  overwrite(join(files, 'a.ts'), 'export [}')
  await expect(verify(before)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  overwrite(join(files, 'a.ts'), text)
  expect((await verify(before)).stored).not.toBe(before.stored)
})

test('a whole bundle in the place of another is not what was installed', async () => {
  const { store, keys, entry } = await installedOne()
  const other = { ...entry, manifestDigest: `sha256:${'0'.repeat(64)}` }
  await expect(verifyInstalled({ store, keys }, 'b', other)).rejects.toThrow(code('BUNDLE_DIGEST_MISMATCH'))
})

test('a key that is not trusted here, or for another publisher, vouches for nothing', async () => {
  const { store, entry, keys, verify } = await installedOne()
  const before = await verify()
  const others = keys.map((one) => ({ ...one, publisher: 'evil' }))
  for (const trusted of [[], others])
    await expect(verifyInstalled({ store, keys: trusted }, 'b', entry, before)).rejects.toThrow(code('KEY_UNTRUSTED'))
})

test('a good signature by another trusted key than the one installed with does not count', async () => {
  const { store, entry, keys, folder } = await installedOne()
  const { machine } = placesOf(folder)
  const second = await trustKey(nodeDisk, machine, {
    key: newSigningKey().publicKey,
    publisher: 'acme',
    source: 'operator',
  })
  const other = { ...entry, signer: second.keyId }
  await expect(verifyInstalled({ store, keys: [...keys, second] }, 'b', other)).rejects.toThrow(
    code('BUNDLE_SIGNATURE_INVALID'),
  )
})

test('an envelope of another bundle is about something else', async () => {
  const { files, verify } = await installedOne()
  const [other] = source.offers.get('bare') ?? []
  rmSync(join(files, '../envelope.json'))
  writeFileSync(join(files, '../envelope.json'), JSON.stringify(other?.envelope))
  await expect(verify()).rejects.toThrow(code('BUNDLE_SIGNATURE_INVALID'))
})

test.each([
  ['bare', 'names no gate of certification'],
  ['failed', 'says that tree found problems'],
])('of %s an attestation is missing', async (id, why) => {
  const { verify, entry } = await installedOne(id)
  expect(findingsOf(subjectOf(await verify(), entry), [])).toMatchObject([
    { code: 'ATTESTATION_MISSING', message: expect.stringContaining(why) },
  ])
})

test('a trusted key that was damaged or renamed is named, and a registry changes nothing of what an operator trusts', async () => {
  const { folder, keys } = await installedOne()
  const { machine } = placesOf(folder)
  const trusted = join(machine.home, 'trusted-keys', `acme-${digestHex(key.id)}.json`)
  await trustKey(nodeDisk, machine, { key: key.publicKey, publisher: 'acme', source: 'operator' })
  await install(folder, source, { bare: '*' })
  expect(await readTrustedKeys(nodeDisk, machine.home)).toMatchObject([{ ...keys[0], source: 'operator' }])
  renameSync(trusted, trusted.replace('acme', 'evil'))
  await expect(readTrustedKeys(nodeDisk, machine.home)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
  rmSync(trusted.replace('acme', 'evil'))
  writeFileSync(trusted, '{}')
  await expect(readTrustedKeys(nodeDisk, machine.home)).rejects.toThrow(code('DATA_FOLDER_CORRUPT'))
})
