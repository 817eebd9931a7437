import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canonicalJson, type Json } from '@tenon/contract'
import type { KeyValue } from '@tenon/storage'
import { temporaryFolder } from '../temporary-folder.ts'
import { simulatedWorld } from '../world.ts'
import { opened, type Claims, type Opened, type StorageMeans } from './means.ts'

/** The claims on whatever comes in whatever order. */
export const randomUseClaims: Claims = { 'whatever is stored': randomUseClaim }

const STEPS = 150
const PLUGINS = ['notes', 'other'] as const
const KEYS = ['a', 'b', 'c', 'é', 'd e', 'z']
const QUOTA_BYTES = 64 * 1_048_576
/** All keys at once have more bytes than are kept at hand. */
const LARGE = 900_000

type Plugin = (typeof PLUGINS)[number]
type Kept = { value: Json; end: number }
/** What a plain map makes of the same calls. */
type Model = Record<Plugin, Map<string, Kept>>

function randomUseClaim(means: StorageMeans): void {
  const seed = Number(process.env['TENON_SEED'] ?? Date.now() % 1e9)
  test(`is what a plain map would hold, over transactions, ends, restarts and restores (TENON_SEED=${seed})`, async () => {
    const use = await randomUse(means, seed)
    for (let step = 0; step < STEPS; step += 1) {
      await use.one()
      await use.compare()
    }
  })
}

/** Numbers, and one of several, that a seed decides. */
function chanceOf(seed: number) {
  const { random } = simulatedWorld(seed)
  const below = (count: number): number => Buffer.from(random(4)).readUInt32BE() % count
  const one = <T>(all: readonly T[]): T => all[below(all.length)] as T
  return {
    ...{ below, one },
    value: (): Json => one([below(3), null, ['é', below(100)], { text: 'x'.repeat(below(LARGE)) }]),
    lifetime: (): { ttlMs?: number } => (below(4) === 0 ? { ttlMs: 1 + below(20) } : {}),
  }
}

/** The same calls of a storage and of the model beside it. */
async function randomUse(means: StorageMeans, seed: number) {
  const { below, one, value, lifetime } = chanceOf(seed)
  const file = join(temporaryFolder(), 'backup')
  let now: Opened = await opened(means)
  let model: Model = { notes: new Map(), other: new Map() }
  let saved = copyOf(model)
  await now.storage.backup(file)
  const kv = (plugin: Plugin): KeyValue => now.storage.kv(plugin, { quotaBytes: QUOTA_BYTES })
  const held = (plugin: Plugin, key: string): Json | undefined => {
    const kept = model[plugin].get(key)
    return kept !== undefined && kept.end > now.world.now() ? kept.value : undefined
  }
  const put = (plugin: Plugin, key: string, next: Json, { ttlMs = Infinity }: { ttlMs?: number }): void =>
    void model[plugin].set(key, { value: next, end: now.world.now() + ttlMs })
  const steps = {
    async set(plugin: Plugin) {
      const [key, next, life] = [one(KEYS), value(), lifetime()]
      put(plugin, key, next, life)
      await kv(plugin).set(key, next, life)
    },
    async delete(plugin: Plugin) {
      const key = one(KEYS)
      const wasHeld = held(plugin, key) !== undefined
      model[plugin].delete(key)
      expect(await kv(plugin).delete(key)).toBe(wasHeld)
    },
    async compareAndSet(plugin: Plugin) {
      const [key, next] = [one(KEYS), value()]
      const expected = below(2) === 0 ? held(plugin, key) : 'what nobody stores'
      const isHeld = expected === held(plugin, key)
      if (isHeld) put(plugin, key, next, {})
      expect(await kv(plugin).compareAndSet(key, expected, next)).toBe(isHeld)
    },
    async transaction(plugin: Plugin) {
      const changes = [one(KEYS), one(KEYS)].map((key) => ({ set: key, value: value() }))
      const gone = one(KEYS)
      for (const change of changes) put(plugin, change.set, change.value, {})
      model[plugin].delete(gone)
      await kv(plugin).apply({ changes: [...changes, { delete: gone }] })
    },
    together: async (plugin: Plugin) =>
      void (await Promise.all([steps.set(plugin), steps.delete(plugin), steps.set(plugin)])),
    advance: () => now.world.advance(below(15)),
    sweep: () => now.storage.sweep(),
    async restart() {
      const moved = now.world.now()
      await now.end()
      now = await opened(means, { place: now.place })
      await now.world.advance(moved - now.world.now())
    },
    async backup() {
      saved = copyOf(model)
      await now.storage.backup(file)
    },
    async restore() {
      model = copyOf(saved)
      await now.storage.restore(file)
    },
  }
  return {
    one: () => steps[one(Object.keys(steps) as (keyof typeof steps)[])](one(PLUGINS)),
    async compare(): Promise<void> {
      for (const plugin of PLUGINS) await expectSame(kv(plugin), (key) => held(plugin, key))
    },
  }
}

async function expectSame(kv: KeyValue, held: (key: string) => Json | undefined): Promise<void> {
  const there = KEYS.filter((key) => held(key) !== undefined)
  const bytes = there.map((key) => Buffer.byteLength(key + canonicalJson(held(key) as Json)))
  expect(await Promise.all(KEYS.map((key) => kv.get(key)))).toEqual(KEYS.map(held))
  expect(await kv.list()).toEqual(there.toSorted((a, b) => Buffer.from(a).compare(Buffer.from(b))))
  expect((await kv.usage()).usedBytes).toBe(bytes.reduce((sum, count) => sum + count, 0))
}

const copyOf = ({ notes, other }: Model): Model => ({ notes: new Map(notes), other: new Map(other) })
