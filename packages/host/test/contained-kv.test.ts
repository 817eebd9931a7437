import { describe } from 'vitest'
import type { Json } from '@tenon/contract'
import { KEPT_BY_OTHERS, keysOfOthersSuite, kvSuite, simulatedWorld, type SimulatedWorld } from '@tenon/testkit'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost } from './open-test-host.ts'

const world = (): SimulatedWorld => simulatedWorld(1)

async function hostOf(keeper: Partial<TestPlugin>, others: readonly string[], time = world()) {
  const installed = installedPlugins({ id: 'keeper', ...keeper }, ...others.map((id) => ({ id })))
  const host = await openTestHost({ world: time, installed })
  await host.sync()
  await host.enable('keeper')
  return host
}

const both = (...capabilities: string[]) => ({ asks: capabilities, granted: capabilities })

describe.each([
  ['its own', 'ctx.kv'],
  ['those of another', "ctx.kv.of('shop')"],
])('keys, %s', (_whose, kv) => {
  kvSuite(async (scripts) => {
    const operations = Object.fromEntries(Object.keys(scripts).map((name) => [name, { out: {} }]))
    const source = Object.entries(scripts).map(([name, script]) => `${name}: (_, ctx) => (${script.toString()})(${kv})`)
    const granted = both('storage:kv', 'storage:kv:read:shop', 'storage:kv:write:shop')
    const time = world()
    const host = await hostOf({ source: `operations: { ${source.join()} }`, operations, ...granted }, ['shop'], time)
    return {
      run: async (name) => JSON.parse((await host.admin('POST', `/gateway/keeper/${name}`, null)).text),
      advance: (ms) => time.advance(ms),
    }
  })
})

keysOfOthersSuite(async (script) => {
  const granted = Object.entries(KEPT_BY_OTHERS).flatMap(([other, may]) =>
    may.granted.map((access) => `storage:kv:${access}:${other}`),
  )
  const source = `operations: { run: (other, ctx) => (${script.toString()})(ctx.kv, other) }`
  const operations = { run: { in: {}, out: {} } }
  const others = Object.keys(KEPT_BY_OTHERS)
  const host = await hostOf({ source, operations, ...both('storage:kv', ...granted) }, others)
  for (const [other, { kv }] of Object.entries(KEPT_BY_OTHERS))
    for (const [key, value] of Object.entries(kv)) await host.storage.kv(other, { quotaBytes: 1_000 }).set(key, value)
  return async (other): Promise<Json> => {
    const { text } = await host.admin('POST', '/gateway/keeper/run', other)
    return JSON.parse(text)
  }
})
