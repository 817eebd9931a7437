import { describe, expect, test } from 'vitest'
import {
  asTenonError,
  assert,
  digestFromHex,
  digestHex,
  ERRORS,
  foldedId,
  isDigest,
  isErrorCode,
  isEventType,
  isUlid,
  parseDigest,
  parseReference,
  problemDocument,
  TenonError,
} from '@tenon/contract'
import { problemSchema, validatorOf } from '@tenon/contract/schema'

describe('errors', () => {
  test('codes read AREA_WHAT and are listed in order', () => {
    const codes = Object.keys(ERRORS)
    expect(codes.filter((code) => !/^[A-Z]+(_[A-Z]+)*$/.test(code))).toEqual([])
    expect(codes).toEqual(codes.toSorted())
    expect(isErrorCode('USAGE')).toBe(true)
    expect(isErrorCode('toString')).toBe(false)
  })

  test('a problem document carries code, status and every problem, and passes its schema', () => {
    const error = new TenonError('SPEC_INVALID', 'bad', {
      hint: 'h',
      problems: [{ pointer: '/a', code: 'X', message: 'm' }],
    })
    const document = problemDocument(error)
    expect(document).toMatchObject({
      type: 'urn:tenon:error:SPEC_INVALID',
      status: 400,
      detail: 'bad',
      hint: 'h',
      errors: [{ pointer: '/a' }],
    })
    expect(validatorOf(problemSchema).problems(document)).toEqual([])
    expect(problemDocument(new TenonError('USAGE', 'x'))).not.toHaveProperty('errors')
  })

  test('what is no TenonError is a fault of ours', () => {
    expect(asTenonError(new Error('boom'))).toMatchObject({ code: 'INTERNAL', message: 'boom' })
    expect(asTenonError('boom')).toMatchObject({ code: 'INTERNAL', message: 'boom' })
    const own = new TenonError('USAGE', 'x')
    expect(asTenonError(own)).toBe(own)
    expect(() => assert(false, 'never')).toThrow('assertion failed: never')
  })
})

describe('names', () => {
  test('digests are read in one form only', () => {
    const hex = 'a'.repeat(64)
    expect(digestHex(digestFromHex(hex))).toBe(hex)
    expect(isDigest(`sha256:${hex.toUpperCase()}`)).toBe(false)
    expect(() => parseDigest('md5:1')).toThrow(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
  })

  test.each([
    ['id-mint', { id: 'id-mint' }],
    ['tenon/id-mint', { id: 'id-mint', publisher: 'tenon' }],
    ['tenon/id-mint@^1', { id: 'id-mint', publisher: 'tenon', range: '^1' }],
    ['a_b@1.0.0', { id: 'a_b', range: '1.0.0' }],
  ])('the reference %s is read', (text, expected) => {
    expect(parseReference(text)).toEqual(expected)
  })

  test.each(['', 'A', 'a/b/c', 'a@', '../x', 'A/b', 'a b'])('the reference %j is refused', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
  })

  test('ids that differ in - and _ fold together', () => {
    expect(foldedId('a_b-c')).toBe(foldedId('a-b_c'))
  })

  test('ulids and event types', () => {
    expect(isUlid('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toBe(true)
    expect(isUlid('81ARZ3NDEKTSV4RRFFQ69G5FAV')).toBe(false)
    expect([
      isEventType('plugin.a.B_c'),
      isEventType('a..b'),
      isEventType('a.*'),
      isEventType('a'.repeat(129)),
    ]).toEqual([true, false, false, false])
  })
})
