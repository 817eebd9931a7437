import { expect, test } from 'vitest'
import { decide, limits, parseCapability, printCapability, type Capability } from '@tenon/contract'
import { simulatedWorld } from '@tenon/testkit'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost } from './open-test-host.ts'

const ACTIONS = 80
const IDS = ['left', 'right'] as const
type Id = (typeof IDS)[number]

const SOURCE = `operations: {
  get: ({ key }, ctx) => ctx.kv.get(key).then((value) => value ?? null),
  set: ({ key, size, mark }, ctx) => ctx.kv.set(key, mark + 'x'.repeat(size)),
  get_of: ({ of, key }, ctx) => ctx.kv.of(of).get(key).then((value) => value ?? null),
  set_of: ({ of, key, mark }, ctx) => ctx.kv.of(of).set(key, mark),
  secret: ({ name }, ctx) => ctx.secrets.get(name).then((value) => value ?? null),
  publish: ({ type }, ctx) => ctx.events.publish(type, null),
  call: ({ plugin }, ctx) => ctx.call(plugin, 'still', null),
  still: () => 'here',
}`
const OPERATIONS = ['get', 'set', 'get_of', 'set_of', 'secret', 'publish', 'call', 'still'] as const

const POOL = [
  ...['storage:kv', 'storage:secrets'],
  ...IDS.flatMap((id) => [`event:publish:plugin.${id}.said`, `operator:call:${id}/still`]),
  ...IDS.flatMap((id) => [`storage:kv:read:${id}`, `storage:kv:write:${id}`]),
]

/** Numbers that a seed decides. */
function chance(seed: number) {
  const { random } = simulatedWorld(seed)
  const below = (count: number): number => Buffer.from(random(4)).readUInt32BE() % count
  return {
    below,
    some: <T>(all: readonly T[]): T[] => all.filter(() => below(3) > 0),
    one: <T>(all: readonly T[]): T => all[below(all.length)] as T,
  }
}

const other = (id: Id): Id => (id === 'left' ? 'right' : 'left')

test('whatever is granted, budgeted and sent, a plugin gets what it may have and no other, and its neighbour goes on', async () => {
  const seed = Number(process.env['TENON_SEED'] ?? Date.now() % 1e9)
  console.log(`TENON_SEED=${seed}`)
  const { below, some, one } = chance(seed)
  const asked = Object.fromEntries(IDS.map((id) => [id, some(POOL)])) as Record<Id, string[]>
  const granted = Object.fromEntries(IDS.map((id) => [id, some(POOL)])) as Record<Id, string[]>
  const plugin = (id: Id): TestPlugin => ({
    ...{ id, source: SOURCE, asks: asked[id], granted: granted[id] },
    operations: Object.fromEntries(OPERATIONS.map((name) => [name, { in: {}, out: {} }])),
    spec: { resources: { memoryMb: 64 + below(192), cpu: (1 + below(20)) / 10 } },
  })
  const host = await openTestHost({ installed: installedPlugins(...IDS.map(plugin)) })
  await host.sync()
  for (const id of IDS) await host.enable(id)
  const kept: Record<Id, Map<string, string>> = { left: new Map(), right: new Map() }
  const does = (id: Id, operation: string, input: object) => host.admin('POST', `/gateway/${id}/${operation}`, input)
  const may = (id: Id, capability: Capability): boolean =>
    decide(asked[id].map(parseCapability), granted[id].map(parseCapability), capability).allowed

  /** Does one thing, says by which capability, and what is wrong with the answer that it got. */
  const steps: Record<string, (id: Id) => Promise<{ needs: Capability; answer: Awaited<ReturnType<typeof does>> }>> = {
    set: async (id) => {
      const [key, size, mark] = [`k${below(4)}`, one([0, 10, 5_000, limits.frameBytes]), `${id}-${below(1_000)}-`]
      const needs = { action: 'storage:kv' }
      const answer = await does(id, 'set', { key, size, mark })
      if (size === limits.frameBytes) return { needs: { action: 'too much' }, answer }
      if (may(id, needs)) kept[id].set(key, mark + 'x'.repeat(size))
      return { needs, answer }
    },
    get: async (id) => {
      const key = `k${below(4)}`
      const needs = { action: 'storage:kv' }
      const answer = await does(id, 'get', { key })
      if (may(id, needs)) expect(JSON.parse(answer.text)).toBe(kept[id].get(key) ?? null)
      return { needs, answer }
    },
    set_of: async (id) => {
      const [of, key, mark] = [one(IDS), `k${below(4)}`, `${id}-${below(1_000)}`]
      const needs = { action: 'storage:kv:write', target: of }
      if (may(id, needs)) kept[of].set(key, mark)
      return { needs, answer: await does(id, 'set_of', { of, key, mark }) }
    },
    get_of: async (id) => {
      const [of, key] = [one(IDS), `k${below(4)}`]
      const needs = { action: 'storage:kv:read', target: of }
      const answer = await does(id, 'get_of', { of, key })
      if (may(id, needs)) expect(JSON.parse(answer.text)).toBe(kept[of].get(key) ?? null)
      return { needs, answer }
    },
    secret: async (id) => ({ needs: { action: 'storage:secrets' }, answer: await does(id, 'secret', { name: 'a' }) }),
    publish: async (id) => {
      const of = one(IDS)
      const type = `plugin.${of}.said`
      const needs = of === id ? { action: 'event:publish', target: type } : { action: 'not its own' }
      return { needs, answer: await does(id, 'publish', { type }) }
    },
    call: async (id) => {
      const needs = { action: 'operator:call', target: `${other(id)}/still` }
      return { needs, answer: await does(id, 'call', { plugin: other(id) }) }
    },
  }

  for (let count = 0; count < ACTIONS; count += 1) {
    const id = one(IDS)
    if (below(8) === 0) {
      granted[id] = some(POOL)
      host.installed.grant(id, granted[id])
      await host.sync()
    }
    const name = one(Object.keys(steps))
    const { needs, answer } = (await steps[name]?.(id)) ?? expect.fail('every step is there')
    const what = `seed ${seed}, action ${count}: ${id} ${name} by ${printCapability(needs)}`
    if (needs.action === 'too much') expect([what, answer.body['code']]).toEqual([what, 'QUOTA_EXCEEDED'])
    else if (may(id, needs)) expect([what, answer.status < 300]).toEqual([what, true])
    else {
      expect([what, answer.body['code']]).toEqual([what, 'PERMISSION_DENIED'])
      const traced = await host.audit({ traceId: String(answer.headers['x-trace-id']), decision: 'deny' })
      expect([what, traced.length > 0]).toEqual([what, true])
    }
    expect([what, (await does(other(id), 'still', {})).text]).toEqual([what, '"here"'])
  }
})
