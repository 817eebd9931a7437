import { join } from 'node:path'
import { digestBytes } from '@tenon/bundle'
import { decodeUtf8, digestHex, TenonError, type Disk, type Revocation } from '@tenon/contract'
import { closed, readAs, revocationSchema, validatorOf } from '@tenon/contract/schema'
import Type, { type Static } from 'typebox'
import { writeShared, type Machine } from './machine.ts'

/** What a registry was heard to have revoked. `askedAt` is when it last answered, in milliseconds. */
const heardSchema = closed({
  version: Type.Literal(1),
  registry: Type.String({ minLength: 1 }),
  etag: Type.String(),
  askedAt: Type.Integer({ minimum: 0 }),
  revocations: Type.Array(revocationSchema),
})

export type Heard = Static<typeof heardSchema>

/** A registry, as whoever asks what it revoked needs it; undefined is what the given tag stands for already. */
export type RevocationSource = {
  url: string
  revocations(etag?: string): Promise<{ revocations: readonly Revocation[]; etag: string } | undefined>
}

const documents = validatorOf(heardSchema)

const pathOf = (home: string, registry: string): string =>
  join(home, 'heard-revocations', `${digestHex(digestBytes(registry))}.json`)

/** What was heard of a registry on this machine; undefined when it was never asked. */
export async function readHeard(disk: Disk, home: string, registry: string): Promise<Heard | undefined> {
  const path = pathOf(home, registry)
  const bytes = await disk.read(path)
  if (bytes === undefined) return undefined
  const { value, problems } = readAs(decodeUtf8(bytes, path), documents)
  if (value?.registry === registry) return value
  throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is damaged`, {
    problems,
    hint: 'Delete it; the registry is asked anew.',
  })
}

/** Asks a registry, and keeps its answer. What was heard once stays, also when the registry no longer tells it. */
export async function hearRevocations(
  disk: Disk,
  machine: Machine,
  source: RevocationSource,
  now: number,
): Promise<Heard> {
  const before = await readHeard(disk, machine.home, source.url)
  const answer = await source.revocations(before?.etag)
  const heard: Heard = {
    ...{ version: 1, registry: source.url, askedAt: now, etag: answer?.etag ?? before?.etag ?? '' },
    revocations: united(before?.revocations ?? [], answer?.revocations ?? []),
  }
  await writeShared(disk, machine, pathOf(machine.home, source.url), heard)
  return heard
}

function united(before: readonly Revocation[], more: readonly Revocation[]): Revocation[] {
  const keyOf = ({ kind, digest, publisher = '' }: Revocation): string => [kind, digest, publisher].join(' ')
  const known = new Set(before.map(keyOf))
  return [...before, ...more.filter((one) => !known.has(keyOf(one)))]
}
