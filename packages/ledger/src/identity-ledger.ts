import { sign, verify, type KeyObject } from 'node:crypto'
import {
  canonicalJson,
  decodeUtf8,
  jsonValue,
  messageOf,
  prettyJson,
  TenonError,
  type Digest,
  type IdentityLine,
} from '@tenon/contract'
import { identityLineSchemas, validatorOf, type Validator } from '@tenon/contract/schema'
import { keyIdOf, readPublicKey } from '@tenon/bundle'
import { verifyChain, type Chain, type SignedStream } from './chain.ts'
import { checkpointIn, verifyCheckpoint, type Checkpoint } from './checkpoint.ts'
import type { BrokenStream } from './verification.ts'

/** What a checkpoint calls the ledger of identities, after its file. */
export const IDENTITY_STREAM = 'ids.jsonl'
/** The file of its checkpoint, beside it. */
export const CHECKPOINT_FILE = 'checkpoint.json'

/** A key, and how many lines there were when it began to sign. */
type Signer = { keyId: Digest; publicKey: KeyObject; since: number }

/** A ledger of identities that is whole. */
export type IdentityLedger = {
  chain: Chain
  root: Digest
  /** Its lines as they stand in the file, without their ends. */
  texts(): string[]
  lines(): IdentityLine[]
  /** The keys of its checkpoints, the present one last. */
  signers: readonly Signer[]
  /** What is signed of it. */
  checkpoint: Checkpoint | undefined
}

export type IdentityReading =
  | { ledger: IdentityLedger; broken: readonly [] }
  | { ledger: undefined; broken: readonly BrokenStream[] }

const validators: Readonly<Record<string, Validator<IdentityLine>>> = Object.fromEntries(
  Object.entries(identityLineSchemas).map(([type, schema]) => [type, validatorOf(schema)]),
)

/**
 * Reads a ledger of identities from its bytes: its chain, the shape of each line, that each key was named by the one before it,
 * and what a checkpoint signed of it.
 */
export async function readIdentityLedger(bytes: Uint8Array, checkpoint?: Uint8Array): Promise<IdentityReading> {
  const claimed = checkpoint && claimIn(checkpoint)
  if (typeof claimed === 'string') return brokenAt(CHECKPOINT_FILE, 1, claimed)
  const { entries, texts } = { entries: identityEntries(), texts: linesOf(bytes) }
  const signed = claimed?.signed
  const verdict = await verifyChain(texts, { signed, entryFault: entries.fault })
  if (!verdict.ok) return brokenAt(IDENTITY_STREAM, verdict.position, verdict.why)
  if (bytes.length > 0 && bytes.at(-1) !== 10)
    return brokenAt(IDENTITY_STREAM, verdict.count, 'has no line end: it was not written whole')
  const fault = claimed && signatureFault(claimed.checkpoint, claimed.signed, entries.signers)
  if (fault !== undefined) return brokenAt(CHECKPOINT_FILE, 1, fault)
  return {
    broken: [],
    ledger: {
      chain: { count: verdict.count, head: verdict.head },
      root: verdict.root,
      texts: () => texts.map(String),
      // Checked above; to hold them all meanwhile would double the time that this takes.
      lines: () => texts.map((line) => jsonValue(String(line)) as IdentityLine),
      signers: entries.signers,
      checkpoint: claimed?.checkpoint,
    },
  }
}

const brokenAt = (stream: string, position: number, why: string): IdentityReading => ({
  ledger: undefined,
  broken: [{ stream, position, why }],
})

function linesOf(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const lines: Buffer[] = []
  let start = 0
  for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, start)) {
    lines.push(buffer.subarray(start, end))
    start = end + 1
  }
  return start < buffer.length ? [...lines, buffer.subarray(start)] : lines
}

/** Takes the entries of a ledger one by one, and says of each what is wrong with it. */
function identityEntries() {
  const signers: Signer[] = []
  let count = 0
  return {
    signers,
    fault(entry: Readonly<Record<string, unknown>>): string | undefined {
      const type = String(entry['type'])
      const validator = Object.hasOwn(validators, type) ? validators[type] : undefined
      if (validator === undefined) return `is of no type of the ledger: "${type}"`
      if (!validator.is(entry)) return `is no line of type ${type}: ${validator.problems(entry)[0]?.message}`
      if ((entry.type === 'genesis') !== (count === 0)) return 'is a genesis elsewhere than at the beginning'
      count += 1
      return signerFault(entry, signers)
    },
  }
}

type KeyLine = Extract<IdentityLine, { type: 'genesis' | 'key.rotated' }>

/** Says why a line names no key that may sign from it on, or takes the key. */
function signerFault(line: IdentityLine, signers: Signer[]): string | undefined {
  if (line.type !== 'genesis' && line.type !== 'key.rotated') return undefined
  const publicKey = publicKeyIn(line)
  if (publicKey === undefined) return 'holds no Ed25519 public key with the id that it gives'
  const before = signers.at(-1)
  if (line.type === 'key.rotated' && (before === undefined || !isNamedBy(before.publicKey, line)))
    return 'names a key that the key before it did not sign'
  signers.push({ keyId: line.data.keyId, publicKey, since: line.seq + 1 })
  return undefined
}

function publicKeyIn({ data }: KeyLine): KeyObject | undefined {
  try {
    const key = readPublicKey(data.publicKey)
    return keyIdOf(key) === data.keyId ? key : undefined
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === 'KEY_INVALID') return undefined
    throw thrown
  }
}

type Rotation = { seq: number; prev: Digest; keyId: Digest; publicKey: string }

/** What the key before signs of the next one: `prev` stands for all that came before. */
const rotationBytes = ({ seq, prev, keyId, publicKey }: Rotation): Buffer =>
  Buffer.from(canonicalJson({ seq, prev, keyId, publicKey }))

/** The signature of the present key over the one that is to follow it. */
export const signRotation = (rotation: Rotation, privateKey: KeyObject): string =>
  sign(null, rotationBytes(rotation), privateKey).toString('base64')

const isNamedBy = (key: KeyObject, { seq, prev, data }: Extract<KeyLine, { type: 'key.rotated' }>): boolean =>
  verify(null, rotationBytes({ seq, prev, ...data }), key, Buffer.from(data.signature, 'base64'))

type Claim = { checkpoint: Checkpoint; signed: SignedStream }

/** What a checkpoint says of the ledger, or why it says nothing. Its text has one form. */
function claimIn(bytes: Uint8Array): Claim | string {
  try {
    const text = decodeUtf8(bytes, CHECKPOINT_FILE)
    const checkpoint = checkpointIn(text)
    const signed = Object.hasOwn(checkpoint.streams, IDENTITY_STREAM) ? checkpoint.streams[IDENTITY_STREAM] : undefined
    if (prettyJson(checkpoint) !== text) return 'is not in the form in which checkpoints are written'
    return signed === undefined ? `says nothing of ${IDENTITY_STREAM}` : { checkpoint, signed }
  } catch (thrown) {
    return `is no checkpoint: ${messageOf(thrown)}`
  }
}

function signatureFault(
  checkpoint: Checkpoint,
  { size }: SignedStream,
  signers: readonly Signer[],
): string | undefined {
  const signer = signers.findLast(({ since }) => since <= size)
  if (signer === undefined || signer.keyId !== checkpoint.keyId)
    return `is signed by key ${checkpoint.keyId}, which the ledger does not name for its first ${size} lines`
  return verifyCheckpoint(checkpoint, signer.publicKey) ? undefined : 'has a signature that does not verify'
}

/** As `readIdentityLedger`; throws LEDGER_BROKEN with every place. */
export async function requireIdentityLedger(bytes: Uint8Array, checkpoint?: Uint8Array): Promise<IdentityLedger> {
  const { ledger, broken } = await readIdentityLedger(bytes, checkpoint)
  if (ledger !== undefined) return ledger
  const [first] = broken
  throw new TenonError('LEDGER_BROKEN', `line ${first?.position} of ${first?.stream} ${first?.why}`, {
    hint: 'The ledger is written by "tenon ids seal" alone: take it back to what was committed.',
    details: { broken },
  })
}
