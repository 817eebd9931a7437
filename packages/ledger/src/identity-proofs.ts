import { TenonError, type IdentityLine } from '@tenon/contract'
import type { SignedStream } from './chain.ts'
import type { Checkpoint } from './checkpoint.ts'
import { IDENTITY_STREAM, readIdentityLedger, type IdentityLedger } from './identity-ledger.ts'
import { consistencyProof, inclusionProof, leafDigest, type Consistency, type Inclusion } from './merkle.ts'

/** That a line, given as it stands in the ledger, is in the tree that a checkpoint signed. */
export type LineProof = Inclusion & { line: string }

/** A ledger with what is signed of it. Throws LEDGER_INVALID when nothing is. */
export function signedOf({ checkpoint }: IdentityLedger): { checkpoint: Checkpoint; signed: SignedStream } {
  const signed = checkpoint?.streams[IDENTITY_STREAM]
  if (checkpoint !== undefined && signed !== undefined) return { checkpoint, signed }
  throw new TenonError('LEDGER_INVALID', 'no checkpoint lies beside the ledger', {
    hint: 'What is to be proved has to be signed: run "tenon ids seal".',
  })
}

/** A proof for each signed line of a card, and for each that names it as the successor of another. */
export const proveCard = (ledger: IdentityLedger, card: string): LineProof[] =>
  proveLines(ledger, (line) => isAbout(line, card))

/** A proof for each signed line that is meant. */
export function proveLines(ledger: IdentityLedger, isMeant: (line: IdentityLine) => boolean): LineProof[] {
  const { size, root } = signedOf(ledger).signed
  const [texts, lines] = [ledger.texts().slice(0, size), ledger.lines()]
  const leaves = texts.map(leafDigest)
  return texts.flatMap((line, index) => {
    const [entry, leaf] = [lines[index], leaves[index]]
    if (entry === undefined || leaf === undefined || !isMeant(entry)) return []
    return [{ line, leaf, index, size, root, proof: inclusionProof(leaves, index) }]
  })
}

const isAbout = (line: IdentityLine, card: string): boolean =>
  line.card === card || (line.type === 'superseded' && line.data.by === card)

/**
 * A proof that what an earlier checkpoint signed is a beginning of what is signed today, or the reasons why it is none.
 * `older` are the bytes of the earlier checkpoint, `bytes` those of the ledger.
 */
export async function proveGrowth(
  bytes: Uint8Array,
  ledger: IdentityLedger,
  older: Uint8Array,
): Promise<{ consistency: Consistency | undefined; broken: { stream: string; position: number; why: string }[] }> {
  const reading = await readIdentityLedger(bytes, older)
  if (reading.ledger === undefined) return { consistency: undefined, broken: [...reading.broken] }
  const [first, second] = [signedOf(reading.ledger).signed, signedOf(ledger).signed]
  if (first.size > second.size)
    return {
      consistency: undefined,
      broken: [{ stream: IDENTITY_STREAM, position: second.size + 1, why: 'is signed no more: today less is signed' }],
    }
  const leaves = ledger.texts().slice(0, second.size).map(leafDigest)
  const places = ({ size, root }: SignedStream): Consistency['first'] => ({ size, root })
  return {
    consistency: { first: places(first), second: places(second), proof: consistencyProof(leaves, first.size) },
    broken: [],
  }
}
