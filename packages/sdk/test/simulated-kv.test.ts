import { describe, expect, test } from 'vitest'
import { definePlugin, type Context } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import { KEPT_BY_OTHERS, keysOfOthersSuite, kvSuite } from '@tenon/testkit'

describe.each([
  ['its own', ({ kv }: Context) => kv],
  ['those of another', ({ kv }: Context) => kv.of('shop')],
])('keys, %s', (_whose, keysOf) => {
  kvSuite(async (scripts) => {
    const operations = Object.fromEntries(
      Object.entries(scripts).map(([name, script]) => [name, (_: unknown, ctx: Context) => script(keysOf(ctx))]),
    )
    const plugin = testPlugin(definePlugin({ operations }), { kvOf: { shop: { granted: ['read', 'write'] } } })
    return { run: (name) => plugin.call(name, null), advance: async (ms) => plugin.advance(ms) }
  })
})

keysOfOthersSuite(async (script) => {
  const run = (other: unknown, { kv }: Context) => script(kv, other as string)
  const plugin = testPlugin(definePlugin({ operations: { run } }), { kvOf: KEPT_BY_OTHERS })
  return (other) => plugin.call('run', other)
})

test('a test sees what its plugin wrote among the keys of another', async () => {
  const pay = (_: unknown, { kv }: Context) => kv.of('till').set('paid', true)
  const { call, kvOf } = testPlugin(definePlugin({ operations: { pay } }), { kvOf: { till: { granted: ['write'] } } })
  await call('pay', null)
  expect(kvOf['till']).toEqual(new Map([['paid', true]]))
})
