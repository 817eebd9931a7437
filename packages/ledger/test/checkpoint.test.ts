import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from '@tenon/contract'
import { EMPTY_CHAIN, merkleRoot, readCheckpoint, signCheckpoint, verifyCheckpoint } from '@tenon/ledger'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const streams = { a: { size: 0, head: EMPTY_CHAIN.head, root: merkleRoot([]) } }
const checkpoint = signCheckpoint({ streams, at: '2026-01-01T00:00:00.000Z' }, { keyId: 'k1', privateKey })

test('what a key signed verifies with that key only', () => {
  expect(verifyCheckpoint(checkpoint, publicKey)).toBe(true)
  expect(verifyCheckpoint(checkpoint, generateKeyPairSync('ed25519').publicKey)).toBe(false)
})

test('a change of any part of it is found', () => {
  const changes = [{ at: '2026-01-02T00:00:00.000Z' }, { keyId: 'k2' }, { streams: {} }, { signature: 'AAAA' }]
  for (const change of changes) expect(verifyCheckpoint({ ...checkpoint, ...change }, publicKey)).toBe(false)
})

test('is read from its text', () => {
  expect(readCheckpoint(canonicalJson(checkpoint), publicKey)).toEqual(checkpoint)
})

test('text that is no checkpoint is told from one that was changed', () => {
  const { signature: _signature, ...unsigned } = checkpoint
  const others = [null, 7, {}, unsigned, { ...checkpoint, signature: 1 }, { ...checkpoint, keyId: 1 }]
  for (const other of [...others, { ...checkpoint, streams: null }, { ...checkpoint, streams: 'x' }])
    expect(() => readCheckpoint(JSON.stringify(other), publicKey)).toThrow(
      expect.objectContaining({ code: 'LEDGER_INVALID' }),
    )
  expect(() => readCheckpoint(canonicalJson({ ...checkpoint, streams: {} }), publicKey)).toThrow(
    expect.objectContaining({ code: 'LEDGER_BROKEN', message: expect.stringContaining('k1') }),
  )
})
