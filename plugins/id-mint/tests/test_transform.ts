import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedId } from '../src/checked-id.ts'
import { testPlugin } from '@tenon/sdk/testing'
import plugin from '../src/plugin.ts'

const host = testPlugin(plugin)
const transform = async (id: string, to: string): Promise<string> =>
  ((await host.call('transform', { id, to })) as { result: string }).result
const INVOICE = String(checkedId('INV', 42))
const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
const UUID = '01563e3a-b5d3-d676-4c61-efb99302bd5b'

test('turns a ULID into the UUID of the same bits and back', async () => {
  assert.equal(await transform(ULID, 'uuid'), UUID)
  assert.equal(await transform(UUID, 'ulid'), ULID)
  assert.equal(await transform('ffffffff-ffff-ffff-ffff-ffffffffffff', 'ulid'), '7ZZZZZZZZZZZZZZZZZZZZZZZZZ')
  assert.equal(await transform('00000000000000000000000000', 'uuid'), '00000000-0000-0000-0000-000000000000')
})

test('tells when a ULID was minted', async () => {
  assert.equal(await transform(ULID, 'timestamp'), '2016-07-30T23:54:10.259Z')
})

test('reads a ULID with small letters and look-alikes', async () => {
  assert.equal(await transform('o1arz3ndektsv4rrffq69g5fav', 'ulid'), ULID)
})

test('takes the hyphens away and puts them back', async () => {
  const compact = await transform(INVOICE, 'compact')
  assert.equal(compact, INVOICE.replaceAll('-', ''))
  assert.equal(await transform(compact, 'grouped'), INVOICE)
  assert.equal(await transform(await transform(UUID, 'compact'), 'grouped'), UUID)
})

test('writes ids in capitals', async () => {
  assert.equal(await transform(INVOICE.toLowerCase(), 'upper'), INVOICE)
  assert.equal(await transform(UUID, 'upper'), UUID.toUpperCase())
})

test('says what it converted from', async () => {
  assert.deepEqual(await host.call('transform', { id: ULID, to: 'compact' }), {
    from: 'ulid',
    to: 'compact',
    result: ULID,
  })
})

test('refuses an id that is not sound, with the reason', async () => {
  await assert.rejects(transform('INV-000042-00', 'compact'), { code: 'ID_INVALID', message: /check characters "00"/ })
  await assert.rejects(transform('', 'upper'), { code: 'ID_INVALID' })
})

test('refuses a form that the kind does not have', async () => {
  await assert.rejects(transform(INVOICE, 'uuid'), { code: 'CONVERSION_UNKNOWN' })
  await assert.rejects(transform(UUID, 'timestamp'), { code: 'CONVERSION_UNKNOWN' })
})
