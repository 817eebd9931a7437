import { expect, test } from 'vitest'
import { readAuditSearch } from '../src/audit.ts'

test('an address keeps what filters, as text', () => {
  expect(
    readAuditSearch({ actor: 'admin', action: 'plugin.enable', target: 7, decision: 'deny', offset: 100 }),
  ).toEqual({
    actor: 'admin',
    action: 'plugin.enable',
    target: '7',
    decision: 'deny',
    offset: 100,
  })
})

test.each([
  { actor: '', action: '', target: '', decision: '' },
  { decision: 'maybe', offset: -50 },
  { offset: 'many', actor: null },
  { offset: 1.5, other: 'x' },
])('what says nothing is left out: %j', (given) => {
  expect(readAuditSearch(given)).toEqual({})
})
