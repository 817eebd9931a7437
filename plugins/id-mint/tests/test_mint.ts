import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testPlugin } from '@tenon/sdk/testing'
import plugin from '../src/plugin.ts'

const idsOf = (answer: unknown): string[] => (answer as { ids: string[] }).ids

test('mints ULIDs that ascend within a call and across calls', async () => {
  const host = testPlugin(plugin)
  const ids = [
    ...idsOf(await host.call('mint', { kind: 'ulid', count: 500 })),
    ...idsOf(await host.call('mint', { kind: 'ulid', count: 500 })),
    ...idsOf(await host.call('mint', { kind: 'ulid' })),
  ]
  assert.equal(new Set(ids).size, 1001)
  assert.deepEqual(ids.toSorted(), ids)
})

test('mints ULIDs that ascend although the clock was set back', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 2_000_000_000_000 })
  const host = testPlugin(plugin)
  const [before = ''] = idsOf(await host.call('mint', { kind: 'ulid' }))
  context.mock.timers.setTime(1_000_000_000_000)
  const [after = ''] = idsOf(await host.call('mint', { kind: 'ulid' }))
  assert.ok(after > before)
  assert.equal(host.kv.get('ulid/newest'), after)
})

test('a ULID begins with the time at which it was minted', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1_469_922_850_259 })
  const [id = ''] = idsOf(await testPlugin(plugin).call('mint', { kind: 'ulid' }))
  assert.equal(id.slice(0, 10), '01ARZ3NDEK')
})

test('numbers the ids of each prefix by itself, that of the settings where none is named', async () => {
  const host = testPlugin(plugin, { config: { 'default-prefix': 'ID' } })
  const numbers = async (input: { kind: string; prefix?: string; count?: number }): Promise<string[]> =>
    idsOf(await host.call('mint', input)).map((id) => id.slice(0, id.lastIndexOf('-')))
  assert.deepEqual(await numbers({ kind: 'checked', prefix: 'INV', count: 2 }), ['INV-000001', 'INV-000002'])
  assert.deepEqual(await numbers({ kind: 'checked', prefix: 'ORD' }), ['ORD-000001'])
  assert.deepEqual(await numbers({ kind: 'checked', prefix: 'INV' }), ['INV-000003'])
  assert.deepEqual(await numbers({ kind: 'checked' }), ['ID-000001'])
})

test('goes on where the stored counter stands, over six digits too', async () => {
  const host = testPlugin(plugin, { kv: { 'number/INV': 999_999 } })
  assert.match(idsOf(await host.call('mint', { kind: 'checked', prefix: 'INV' }))[0] ?? '', /^INV-1000000-..$/)
})

test('calls at the same time never get the same id', async () => {
  const host = testPlugin(plugin)
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      host.call('mint', { kind: index % 2 === 0 ? 'checked' : 'ulid', count: 25 }),
    ),
  )
  assert.equal(new Set(answers.flatMap(idsOf)).size, 1000)
})

test('announces how many ids were minted, and the first and last', async () => {
  const host = testPlugin(plugin)
  const ids = idsOf(await host.call('mint', { kind: 'checked', prefix: 'INV', count: 3 }))
  assert.deepEqual(host.published, [
    { type: 'plugin.id-mint.minted', payload: { kind: 'checked', count: 3, first: ids[0], last: ids[2] } },
  ])
})

test('refuses a prefix for a ULID and mints nothing', async () => {
  const host = testPlugin(plugin)
  await assert.rejects(host.call('mint', { kind: 'ulid', prefix: 'INV' }), { code: 'PREFIX_UNUSED' })
  assert.deepEqual([[...host.kv], host.published], [[], []])
})

test('refuses to mint more numbers than a prefix has left, and mints again after that', async () => {
  const host = testPlugin(plugin, { kv: { 'number/INV': 9_999_999_998 } })
  await assert.rejects(host.call('mint', { kind: 'checked', prefix: 'INV', count: 2 }), { code: 'NUMBERS_EXHAUSTED' })
  assert.equal(host.kv.get('number/INV'), 9_999_999_998)
  assert.match(idsOf(await host.call('mint', { kind: 'checked', prefix: 'INV' }))[0] ?? '', /^INV-9999999999-..$/)
})
