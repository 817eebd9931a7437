import { join } from 'node:path'
import { publicKeyText, writeAside, gitBlobs, type Repository, type SigningKey } from '@tenon/bundle'
import { assert, prettyJson, TenonError, type Digest, type Disk, type ErrorCode, type Problem } from '@tenon/contract'
import {
  IDENTITY_STREAM,
  leafDigest,
  merkleRoot,
  requireIdentityLedger,
  signCheckpoint,
  signRotation,
  type IdentityLedger,
} from '@tenon/ledger'
import { applied, firstParents, stepsFrom, type Commit } from './history.ts'
import {
  cardsCreated,
  cardsSuperseded,
  placesChanged,
  unpublished,
  versionsPublished,
  type Seen,
} from './identity-changes.ts'
import { changedCards, changedVersions, identityProblems, manifestProblems } from './identity-problems.ts'
import { CHECKPOINT, LEDGER, presentFiles, REGISTRY, type LedgerFiles } from './identity-store.ts'
import { ledgerWriter, type LedgerWriter } from './ledger-writer.ts'
import { manifestDigests } from './manifest-digests.ts'
import { registryText } from './registry.ts'
import { objectsOf, snapshotReader, type Snapshot } from './snapshot.ts'
import { tagsSeen } from './tags.ts'

export type Sealing = { disk: Disk; repository: Repository; key: SigningKey; rotateTo?: SigningKey | undefined }
/** What a seal appended, how many lines there are now, which of the files it wrote, and the key that signs from now on. */
export type Sealed = { appended: string[]; size: number; written: string[]; keyId: Digest }

/**
 * Appends a line for each change of identity that the line of first parents shows since it was sealed last, and signs the
 * ledger. What is appended is a function of that history. Throws, and has then written nothing, LEDGER_BROKEN, SEAL_REFUSED,
 * IDENTITY_INVALID, CARD_CHANGED or VERSION_CHANGED.
 */
export async function seal({ disk, repository, key, rotateTo }: Sealing): Promise<Sealed> {
  const { committed, ...lying } = await presentFiles(disk, repository)
  if (committed.checkpoint !== undefined) await requireIdentityLedger(lying.ledger, committed.checkpoint)
  const ledger = await requireIdentityLedger(lying.ledger, lying.checkpoint)
  const size = ledger.checkpoint?.streams[IDENTITY_STREAM]?.size ?? 0
  const { signer, follows } = signerAt(ledger, size, key, rotateTo)
  const writer = ledgerWriter(ledger, size)
  const head = await appendHistory(repository, writer, key)
  writer.append(head, await tagsSeen(repository, writer.identities))
  if (follows) appendRotation(writer, head, key, signer)
  return write({ disk, repository, writer, signer, lying })
}

/** The key that signs from now on, and whether it has yet to be named by the one before. */
function signerAt(
  ledger: IdentityLedger,
  size: number,
  key: SigningKey,
  rotateTo: SigningKey = key,
): { signer: SigningKey; follows: boolean } {
  const present = ledger.signers.findLast(({ since }) => since <= size)?.keyId ?? key.id
  if (present === rotateTo.id) return { signer: rotateTo, follows: false }
  if (present === key.id) return { signer: rotateTo, follows: true }
  throw new TenonError('SEAL_REFUSED', `the key ${present} signs this ledger, not ${key.id}`, {
    hint: 'Name the file of its key with --key.',
  })
}

/** Appends what the commits after the one that was sealed last show, and gives the newest of them. */
async function appendHistory(repository: Repository, writer: LedgerWriter, key: SigningKey): Promise<Commit> {
  const commits = await firstParents(repository)
  const [first, head] = [commits[0], commits.at(-1)]
  assert(first !== undefined && head !== undefined, 'git lists HEAD at least')
  const sealed = writer.lines.at(-1)?.commit
  const index = commits.findIndex(({ commit }) => commit === sealed)
  if (sealed !== undefined && index < 0) throw notBehind(head, sealed)
  if (sealed === undefined) writer.append(first, [genesisOf(key)])
  const { before, steps } = await stepsFrom(repository, commits[index], commits.slice(index + 1))
  const touched = steps.flatMap(({ changes }) => changes.map(({ path, object = '' }) => [path, object] as const))
  const blobs = await gitBlobs(repository, objectsOf([...before, ...touched]))
  const read = snapshotReader(blobs)
  let files = before
  for (const { commit, changes } of steps.filter((step) => step.changes.length > 0)) {
    files = applied(files, changes)
    await appendStep(repository, writer, commit, read(files))
  }
  await refuseFaults(repository, writer, read(files))
  return head
}

const notBehind = (head: Commit, sealed: string): TenonError =>
  new TenonError('SEAL_REFUSED', `HEAD ${head.commit} does not go on from ${sealed}, which was sealed last`, {
    hint: 'Seal on the branch that changes are merged to; its history is never rewritten.',
  })

const genesisOf = (key: SigningKey): Seen => ({
  type: 'genesis',
  card: null,
  data: { ledger: 'tenon.ids/1', keyId: key.id, publicKey: publicKeyText(key.publicKey) },
})

async function appendStep(
  repository: Repository,
  writer: LedgerWriter,
  commit: Commit,
  snapshot: Snapshot,
): Promise<void> {
  const { identities, append } = writer
  append(commit, cardsCreated(identities, snapshot))
  append(commit, cardsSuperseded(identities))
  append(commit, placesChanged(identities, snapshot))
  const digests = await manifestDigests(repository, unpublished(identities, snapshot))
  append(commit, versionsPublished(digests))
}

/** Refuses what must not stand at the end of what is sealed: all of it is told at once. */
async function refuseFaults(repository: Repository, { identities }: LedgerWriter, snapshot: Snapshot): Promise<void> {
  const digests = await manifestDigests(repository, snapshot.plugins)
  const faults: [ErrorCode, Problem[]][] = [
    ['CARD_CHANGED', changedCards(identities, snapshot)],
    ['VERSION_CHANGED', changedVersions(identities, digests)],
    ['IDENTITY_INVALID', [...identityProblems(snapshot), ...manifestProblems(snapshot, digests)]],
  ]
  const found = faults.filter(([, problems]) => problems.length > 0)
  const [worst] = found
  if (worst === undefined) return
  const problems = found.flatMap(([, some]) => some)
  throw new TenonError(worst[0], `HEAD cannot be sealed: ${problems.length} problem(s)`, { problems })
}

function appendRotation(writer: LedgerWriter, head: Commit, key: SigningKey, next: SigningKey): void {
  const named = { keyId: next.id, publicKey: publicKeyText(next.publicKey) }
  const { count: seq, head: prev } = writer.chain()
  const signature = signRotation({ seq, prev, ...named }, key.privateKey)
  writer.append(head, [{ type: 'key.rotated', card: null, data: { ...named, signature } }])
}

type Writing = Pick<Sealing, 'disk' | 'repository'> & { writer: LedgerWriter; signer: SigningKey; lying: LedgerFiles }

/** The ledger first, what is signed of it after: a kill between them leaves lines that the next seal finds to be its own. */
async function write({ disk, repository, writer, signer, lying }: Writing): Promise<Sealed> {
  const { texts, lines, identities } = writer
  const ledger = Buffer.from(texts.map((line) => `${line}\n`).join(''))
  if (Buffer.compare(ledger.subarray(0, lying.ledger.length), lying.ledger) !== 0) throw unsealed(ledger, lying.ledger)
  const files: [string, Uint8Array][] = [
    [LEDGER, ledger],
    [CHECKPOINT, Buffer.from(checkpointText(writer, signer))],
    [REGISTRY, Buffer.from(registryText(identities))],
  ]
  const written: string[] = []
  for (const [path, bytes] of files) {
    const target = join(repository.folder, path)
    if (Buffer.compare((await disk.read(target)) ?? Buffer.of(), bytes) === 0) continue
    await writeAside(disk, target, bytes)
    written.push(path)
  }
  const appended = texts.slice(linesIn(lying.ledger))
  return { appended, size: lines.length, written, keyId: signer.id }
}

const linesIn = (bytes: Uint8Array): number => bytes.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0)

function unsealed(ledger: Uint8Array, lying: Uint8Array): TenonError {
  const same = lying.findIndex((byte, at) => byte !== ledger[at])
  const line = linesIn(lying.subarray(0, same)) + 1
  return new TenonError('SEAL_REFUSED', `line ${line} of ${LEDGER} was written by no seal of this history`, {
    hint: 'Run the seal that was stopped once more, or take the ledger back with "git checkout HEAD -- .ledger".',
  })
}

function checkpointText({ texts, lines, chain }: LedgerWriter, { id, privateKey }: SigningKey): string {
  const { count: size, head } = chain()
  const root = merkleRoot(texts.map(leafDigest))
  const last = lines.at(-1)
  assert(last !== undefined, 'a ledger begins with its genesis')
  const streams = { [IDENTITY_STREAM]: { size, head, root } }
  return prettyJson(signCheckpoint({ streams, at: last.at }, { keyId: id, privateKey }))
}
