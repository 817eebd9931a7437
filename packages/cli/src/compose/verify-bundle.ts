import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { verifyCertified, type CertifiedFiles, type NamedBytes } from '@tenon/authoring'
import { keyIdOf, nodeDisk, readPublicKey, readSigningKey } from '@tenon/bundle'
import { bundleRevocation, keyRevocation, TenonError, type Problem, type World } from '@tenon/contract'
import { readRevocations, readTrustedKeys } from '@tenon/installer'
import { readNamed } from '../commands/named-file.ts'
import { homeOf } from './locations.ts'

export type VerifyOrder = {
  named: string
  keys: readonly string[]
  levels: string[] | undefined
  acceptInconclusive: boolean
}

/** Who signed a bundle, and on whose word that key is known; `trusted` when it may sign for the publisher on this machine. */
export type Signer = { keyId: string; source: string; trusted: boolean }

/** What came of verifying a bundle. `integrity` and `gates` are empty for one that is certified. */
export type VerifiedBundle = {
  plugin: string | undefined
  version: string | undefined
  manifest: string | undefined
  signer: Signer | undefined
  level: string | undefined
  ledger: { keyId: string; known: boolean } | undefined
  report: 'present' | 'absent'
  integrity: Problem[]
  gates: Problem[]
}

type Known = Signer & { key: KeyObject; publisher: string | undefined }

/** Verifies a bundle and what lies beside it, by what is on this machine alone. */
export async function verifyBundle(world: World, order: VerifyOrder): Promise<VerifiedBundle> {
  const home = homeOf(world)
  const files = await filesAt(world, order.named)
  const revocations = await readRevocations(nodeDisk, home)
  const known = await knownKeys(world, home, order.keys)
  const keyFor = (keyId: string, publisher: string | undefined): Known | undefined =>
    known.find((one) => one.keyId === keyId && (one.publisher === undefined || one.publisher === publisher))
  const keyOf = (keyId: string, publisher: string | undefined): KeyObject | undefined => keyFor(keyId, publisher)?.key
  const found = await verifyCertified(files, { ...order, keyOf })
  const { bundle, statement, keyId } = found
  const publisher = bundle?.manifest.publisher
  const signer = keyId === undefined ? undefined : keyFor(keyId, publisher)
  const revoked = [
    keyId === undefined ? undefined : keyRevocation(revocations, keyId, publisher),
    bundle && bundleRevocation(revocations, bundle.manifestDigest),
  ].flatMap((one) => one ?? [])
  const predicate = statement?.predicate
  const certification = predicate !== undefined && 'level' in predicate ? predicate : undefined
  const ledgerKey = certification?.ledger?.checkpoint.keyId
  return {
    plugin: bundle?.manifest.id,
    version: bundle?.manifest.version,
    manifest: bundle?.manifestDigest,
    signer: signer && { keyId: signer.keyId, source: signer.source, trusted: signer.trusted },
    level: certification?.level,
    ledger:
      ledgerKey === undefined ? undefined : { keyId: ledgerKey, known: keyFor(ledgerKey, undefined) !== undefined },
    report: files.report === undefined ? 'absent' : 'present',
    integrity: [
      ...found.integrity,
      ...revoked.map(({ kind, why }) => ({
        ...{ pointer: '', file: files.archive.file, code: kind === 'key' ? 'KEY_REVOKED' : 'BUNDLE_REVOKED' },
        message: `was revoked on this machine: ${why}`,
      })),
    ],
    gates: found.gates,
  }
}

/** The bundle that was named, or the only one of a folder, and what lies beside it. */
async function filesAt({ cwd }: World, named: string): Promise<CertifiedFiles> {
  const path = resolve(cwd, named)
  const archive = (await nodeDisk.kind(path)) === 'folder' ? join(path, await onlyBundle(path, named)) : path
  if (!archive.endsWith('.tgz') || (await nodeDisk.kind(archive)) !== 'file')
    throw new TenonError('USAGE', `${named} is no bundle`, { hint: 'Name a .tgz, or the folder of one.' })
  const beside = (suffix: string): string => archive.replace(/\.tgz$/, suffix)
  const envelope = await bytesAt(beside('.dsse.json'))
  if (envelope === undefined)
    throw new TenonError('ATTESTATION_MISSING', `there is no ${basename(beside('.dsse.json'))} beside the bundle`, {
      hint: '"tenon plugin certify" writes it.',
    })
  return {
    archive: { file: basename(archive), bytes: await readFile(archive) },
    envelope,
    report: await bytesAt(beside('.report.json')),
  }
}

async function bytesAt(path: string): Promise<NamedBytes | undefined> {
  const bytes = await nodeDisk.read(path)
  return bytes && { file: basename(path), bytes }
}

async function onlyBundle(folder: string, named: string): Promise<string> {
  const bundles = (await nodeDisk.list(folder)).filter((name) => name.endsWith('.tgz'))
  const [only] = bundles
  if (only !== undefined && bundles.length === 1) return only
  throw new TenonError('USAGE', `${named} holds ${bundles.length} bundles`, { hint: 'Name one.' })
}

/** The keys that were named, that are trusted here, and that were made here to sign. */
async function knownKeys(world: World, home: string, named: readonly string[]): Promise<Known[]> {
  const revocations = await readRevocations(nodeDisk, home)
  const trusted = (await readTrustedKeys(nodeDisk, home)).map(({ keyId, key, publisher, source }) => ({
    ...{ keyId, key, publisher, source },
    trusted: keyRevocation(revocations, keyId, publisher) === undefined,
  }))
  const given = await Promise.all(
    named.map(async (file) => ({ file, key: readPublicKey(await readNamed(world, file)) })),
  )
  return [
    ...trusted,
    ...given.map(({ file, key }) => ({ keyId: keyIdOf(key), key, publisher: undefined, source: file, trusted: false })),
    ...(await ownKeys(home)),
  ]
}

const OWN = /^(?:publisher-(.+)|ledger)\.pem$/

async function ownKeys(home: string): Promise<Known[]> {
  const folder = join(home, 'keys')
  const names = (await nodeDisk.list(folder)).filter((name) => OWN.test(name))
  return Promise.all(
    names.map(async (name) => {
      const { id, publicKey } = readSigningKey(await readFile(join(folder, name)), name)
      const publisher = OWN.exec(name)?.[1]
      return { keyId: id, key: publicKey, publisher, source: 'this machine', trusted: false }
    }),
  )
}
