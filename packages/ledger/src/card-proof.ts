import type { KeyObject } from 'node:crypto'
import { keyIdOf, readPublicKey } from '@tenon/bundle'
import { isObject, readJson, TenonError, type Certification, type JsonObject } from '@tenon/contract'
import { verifyCheckpoint } from './checkpoint.ts'
import { IDENTITY_STREAM, type IdentityLedger } from './identity-ledger.ts'
import { proveCard, proveLines, signedOf, type LineProof } from './identity-proofs.ts'
import { leafDigest, verifyInclusion } from './merkle.ts'

/** That the lines of a card are in what is signed, with all that it takes to check that anywhere: the lines that name the keys, too. */
export type CardProof = NonNullable<Certification['ledger']>

const NAMES_KEY = ['genesis', 'key.rotated']

/** Undefined when no signed line is about the card. Throws LEDGER_INVALID when nothing is signed. */
export function cardProof(ledger: IdentityLedger, card: string): CardProof | undefined {
  const proofs = proveCard(ledger, card)
  if (proofs.length === 0) return undefined
  const keys = proveLines(ledger, ({ type }) => NAMES_KEY.includes(type))
  return { card, checkpoint: signedOf(ledger).checkpoint, proofs: proofs.map(kept), keys: keys.map(kept) }
}

const kept = ({ proof, ...rest }: LineProof): CardProof['proofs'][number] => ({ ...rest, proof: [...proof] })

/** Every reason why a proof proves nothing about its card. Who signed is the checkpoint's `keyId`: whether to trust it, others say. */
export function cardProofFaults({ card, checkpoint, proofs, keys }: CardProof): string[] {
  const signed = checkpoint.streams[IDENTITY_STREAM]
  const isIn = (one: LineProof): boolean =>
    leafDigest(one.line) === one.leaf && one.root === signed?.root && one.size === signed.size && verifyInclusion(one)
  const signer = keys.flatMap(({ line, index }) => keyIn(lineOf(line), index)).at(-1)
  const isSigned = signer !== undefined && keyIdOf(signer) === checkpoint.keyId && verifyCheckpoint(checkpoint, signer)
  const isBorn = proofs.some(({ line }) => lineOf(line)?.['type'] === 'card.created' && lineOf(line)?.['card'] === card)
  return [
    ...([...proofs, ...keys].every(isIn) ? [] : ['a line is not in what the checkpoint signs']),
    ...(isBorn ? [] : [`no line says that the card ${card} was created`]),
    ...(isSigned ? [] : ['no key that the ledger names signed the checkpoint']),
  ]
}

function lineOf(text: string): JsonObject | undefined {
  const { value } = readJson(text)
  return isObject(value) ? value : undefined
}

/** The key that a line names: the first line, or one that hands over. */
function keyIn(line: JsonObject | undefined, index: number): KeyObject[] {
  const data = line?.['data']
  const pem = isObject(data) ? data['publicKey'] : undefined
  if (line?.['type'] !== (index === 0 ? 'genesis' : 'key.rotated') || !isObject(data) || typeof pem !== 'string')
    return []
  try {
    const key = readPublicKey(pem)
    return keyIdOf(key) === data['keyId'] ? [key] : []
  } catch (thrown) {
    if (thrown instanceof TenonError) return []
    throw thrown
  }
}
