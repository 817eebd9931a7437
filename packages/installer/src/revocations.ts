import { join } from 'node:path'
import { decodeUtf8, digestHex, parseDigest, TenonError, type Disk, type Revocation } from '@tenon/contract'
import { readAs, revocationSchema, validatorOf } from '@tenon/contract/schema'
import { writeShared, type Machine } from './machine.ts'

const revocations = validatorOf(revocationSchema)

/** One file for each, written once and never again, so that processes that revoke do not get in each other's way. */
const folderOf = (home: string): string => join(home, 'revoked')

/** What was revoked on this machine by its operator. */
export async function readRevocations(disk: Disk, home: string): Promise<Revocation[]> {
  const names = (await disk.list(folderOf(home))).filter((name) => name.endsWith('.json'))
  return Promise.all(names.map((name) => readRevocation(disk, join(folderOf(home), name))))
}

async function readRevocation(disk: Disk, path: string): Promise<Revocation> {
  const bytes = (await disk.read(path)) ?? new Uint8Array()
  const { value, problems } = readAs(decodeUtf8(bytes, path), revocations)
  if (value === undefined)
    throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is damaged`, {
      problems,
      hint: 'Delete it, and revoke again what its name says.',
    })
  return value
}

/** Revokes on this machine, for every workspace and for ever; what was revoked before stays as it was. */
export async function revokeHere(disk: Disk, machine: Machine, revocation: Revocation): Promise<Revocation> {
  const { kind, digest } = revocation
  const path = join(folderOf(machine.home), `${kind}-${digestHex(parseDigest(digest))}.json`)
  if ((await disk.kind(path)) !== undefined) return readRevocation(disk, path)
  await writeShared(disk, machine, path, revocation)
  return revocation
}
