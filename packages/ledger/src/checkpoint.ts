import { sign, verify, type KeyObject } from 'node:crypto'
import { canonicalJson, parseJson, TenonError } from '@tenon/contract'
import type { SignedStream } from './chain.ts'

/** What somebody with a key has seen of every stream. `signature` is Ed25519 over the canonical JSON of the rest. */
export type Checkpoint = {
  streams: Record<string, SignedStream>
  at: string
  keyId: string
  signature: string
}

export type CheckpointKey = { keyId: string; privateKey: KeyObject }

export function signCheckpoint(seen: Pick<Checkpoint, 'streams' | 'at'>, key: CheckpointKey): Checkpoint {
  const unsigned = { ...seen, keyId: key.keyId }
  return { ...unsigned, signature: sign(null, Buffer.from(canonicalJson(unsigned)), key.privateKey).toString('base64') }
}

export function verifyCheckpoint({ signature, ...unsigned }: Checkpoint, publicKey: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64')
  // Of several texts that are read as these bytes one is written, so that no other passes for it.
  const isWritten = bytes.toString('base64') === signature
  return isWritten && verify(null, Buffer.from(canonicalJson(unsigned)), publicKey, bytes)
}

/** Reads a checkpoint's text; throws LEDGER_INVALID when it is none, LEDGER_BROKEN when the key did not sign it. */
export function readCheckpoint(text: string, publicKey: KeyObject): Checkpoint {
  const value = checkpointIn(text)
  if (!verifyCheckpoint(value, publicKey))
    throw new TenonError('LEDGER_BROKEN', `the signature of the checkpoint of key ${value.keyId} does not verify`, {
      hint: 'The checkpoint was changed, or another key signed it.',
    })
  return value
}

/** Reads a checkpoint's text and does not ask who signed it. Throws LEDGER_INVALID when it is none. */
export function checkpointIn(text: string): Checkpoint {
  const value = parseJson(text, 'the checkpoint')
  if (!isSigned(value)) throw new TenonError('LEDGER_INVALID', 'the document is no checkpoint')
  return value
}

/** Only the form that a signature needs: what the key signed was made by `signCheckpoint`. */
const isSigned = (value: unknown): value is Checkpoint =>
  value !== null &&
  typeof value === 'object' &&
  'streams' in value &&
  value.streams !== null &&
  typeof value.streams === 'object' &&
  'keyId' in value &&
  typeof value.keyId === 'string' &&
  'signature' in value &&
  typeof value.signature === 'string'
