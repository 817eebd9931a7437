import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { keyIdOf, publicKeyText, readPublicKey } from '@tenon/bundle'
import { decodeUtf8, digestHex, ID_PATTERN, TenonError, type Digest, type Disk } from '@tenon/contract'
import { closed, readAs, validatorOf } from '@tenon/contract/schema'
import Type from 'typebox'
import { writeShared, type Machine } from './machine.ts'

/** A key that may sign for a publisher on this machine. `source` is the registry that said so, or `operator`. */
export type TrustedKey = { keyId: Digest; key: KeyObject; publisher: string; source: string }

/** The source of a key that an operator of this machine trusts. */
export const BY_OPERATOR = 'operator'

/** One file for each key and publisher, so that processes that trust different ones do not get in each other's way. */
const documents = validatorOf(
  closed({
    version: Type.Literal(1),
    publisher: Type.String({ pattern: ID_PATTERN }),
    publicKey: Type.String({ minLength: 1 }),
    source: Type.String({ minLength: 1 }),
  }),
)

const folderOf = (home: string): string => join(home, 'trusted-keys')
const nameOf = ({ keyId, publisher }: Pick<TrustedKey, 'keyId' | 'publisher'>): string =>
  `${publisher}-${digestHex(keyId)}.json`

/** The keys that were accepted on this machine, sorted by publisher. */
export async function readTrustedKeys(disk: Disk, home: string): Promise<TrustedKey[]> {
  const names = (await disk.list(folderOf(home))).filter((name) => name.endsWith('.json'))
  return Promise.all(names.map((name) => readTrustedKey(disk, join(folderOf(home), name), name)))
}

async function readTrustedKey(disk: Disk, path: string, name: string): Promise<TrustedKey> {
  const bytes = (await disk.read(path)) ?? new Uint8Array()
  const { value, problems } = readAs(decodeUtf8(bytes, path), documents)
  const key = value && readPublicKey(value.publicKey)
  const trusted = value && key && { keyId: keyIdOf(key), key, publisher: value.publisher, source: value.source }
  if (trusted !== undefined && nameOf(trusted) === name) return trusted
  throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is damaged`, {
    problems,
    hint: 'Delete it, and trust the key again or install again what it signed.',
  })
}

/** Lets a key sign for a publisher on this machine from now on. */
export async function trustKey(disk: Disk, machine: Machine, trusted: Omit<TrustedKey, 'keyId'>): Promise<TrustedKey> {
  const { key, publisher, source } = trusted
  const made = { ...trusted, keyId: keyIdOf(key) }
  const document = { version: 1, publisher, publicKey: publicKeyText(key), source }
  await writeShared(disk, machine, join(folderOf(machine.home), nameOf(made)), document)
  return made
}
