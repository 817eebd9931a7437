import { expect, test } from 'vitest'
import { problemOf } from '../src/api.ts'

test('a problem document keeps its title, detail, hint, code and every error', () => {
  const errors = [{ pointer: '/name', code: 'required', message: 'must be given' }]
  const document = {
    type: 'urn:tenon:error:INPUT_INVALID',
    title: 'An operation input breaks its schema',
    status: 400,
    detail: 'the input of ids/new_id breaks its schema',
    code: 'INPUT_INVALID',
    hint: 'See the schema.',
    errors,
  }
  const { title, detail, code, hint } = document
  expect(problemOf(400, JSON.stringify(document))).toEqual({ status: 400, title, detail, code, hint, errors })
})

test("the envelope of skill-map's face is read as a problem", () => {
  const envelope = { ok: false, error: { code: 'scan-busy', message: 'a scan is running', details: null } }
  expect(problemOf(409, JSON.stringify(envelope))).toEqual({
    status: 409,
    title: 'scan-busy',
    detail: 'a scan is running',
  })
})

test.each(['', '<html>Bad Gateway</html>', 'null', '"text"', '{"title":7}'])(
  'an answer of "%s" still says its status',
  (text) => {
    expect(problemOf(502, text)).toMatchObject({ status: 502, title: 'The host answered 502' })
  },
)
