import { generateKeyPairSync } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  digestBytes,
  keyIdOf,
  newSigningKey,
  nodeDisk,
  publicKeyText,
  readPublicKey,
  signingKey,
  signStatement,
  verifyEnvelope,
} from '@tenon/bundle'
import { digestHex } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { code, statementOn } from './sample.ts'

const key = newSigningKey()
const statement = statementOn(digestHex(digestBytes('the manifest')))
const keyOf = (id: string) => (id === key.id ? key.publicKey : undefined)

describe('an envelope', () => {
  test('gives the statement back as signed, with the key that signed it', () => {
    expect(verifyEnvelope(signStatement(statement, key), keyOf)).toEqual({ statement, keyId: key.id })
  })

  test('is the same for the same statement and key', () => {
    expect(signStatement(statement, key)).toEqual(signStatement(statement, key))
  })

  test('is good with one good signature among others', () => {
    const strangers = [newSigningKey(), newSigningKey()].flatMap((other) => signStatement(statement, other).signatures)
    const envelope = signStatement(statement, key)
    const signatures = [...strangers, ...envelope.signatures]
    expect(verifyEnvelope({ ...envelope, signatures }, keyOf).keyId).toBe(key.id)
    expect(() => verifyEnvelope({ ...envelope, signatures: strangers }, keyOf)).toThrow(
      code('BUNDLE_SIGNATURE_INVALID'),
    )
  })

  test.each([
    ['another payload', { payload: Buffer.from('{}').toString('base64') }],
    ['another signature', { signatures: [{ keyid: key.id, sig: Buffer.alloc(64).toString('base64') }] }],
    ['a short signature', { signatures: [{ keyid: key.id, sig: 'AA==' }] }],
    ['an unknown key', { signatures: [{ keyid: newSigningKey().id, sig: 'AA==' }] }],
    ['no signature', { signatures: [] }],
    ['another payload type', { payloadType: 'text/plain' }],
  ])('with %s is refused', (_what, changes) => {
    expect(() => verifyEnvelope({ ...signStatement(statement, key), ...changes }, keyOf)).toThrow(
      code('BUNDLE_SIGNATURE_INVALID'),
    )
  })

  test('that holds no statement is refused, however well signed', () => {
    expect(() => verifyEnvelope(signStatement({ a: 1 } as never, key), keyOf)).toThrow(code('BUNDLE_SIGNATURE_INVALID'))
    expect(() => verifyEnvelope('text', keyOf)).toThrow(code('BUNDLE_SIGNATURE_INVALID'))
  })
})

describe('a key', () => {
  test('that is named is made once, kept private, and read back', async () => {
    const folder = join(temporaryFolder(), 'keys')
    const made = await signingKey(nodeDisk, folder, 'tenon')
    expect((await signingKey(nodeDisk, folder, 'tenon')).id).toBe(made.id)
    expect(statSync(join(folder, 'tenon.pem')).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('is written as text and read back', () => {
    expect(keyIdOf(readPublicKey(publicKeyText(key.publicKey)))).toBe(key.id)
  })

  test('of another kind, or none, is refused', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const folder = temporaryFolder()
    for (const text of ['nonsense', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })]) {
      writeFileSync(join(folder, 'bad.pem'), text)
      await expect(signingKey(nodeDisk, folder, 'bad')).rejects.toThrow(code('KEY_INVALID'))
    }
    expect(() => readPublicKey('nonsense')).toThrow(code('KEY_INVALID'))
    expect(() => readPublicKey(publicKeyText(rsa.publicKey))).toThrow(code('KEY_INVALID'))
  })
})
