import { describe, expect, test, vi } from 'vitest'
import { limits, type Json, type JsonObject } from '@tenon/contract'
import type { Plugin } from '@tenon/sdk'

/** What stands in a plugin to bring what it stored to another version. It crosses into a sandbox as text. */
export type Steps = Pick<Plugin, 'migrations' | 'settingsMigrations'>

/** What the plugin stored in its first version. It declares the settings `depth` and `deep`, both integers. */
export type StoredBefore = { keys?: Record<string, Json>; settings?: JsonObject }

export type MigratedPlugin = {
  /** Brings keys and settings to this version, as its first start does. */
  migrate(to: number): Promise<void>
  keys(): Promise<Record<string, Json>>
  settings(): Promise<JsonObject>
  /** Moves the clock by which steps are late. */
  advance(ms: number): Promise<void>
}

type Open = (steps: Steps, stored: StoredBefore) => Promise<MigratedPlugin>

/** The claims that hold for migrations wherever a plugin runs. */
export function migrationSuite(open: Open): void {
  describe('keys', () => {
    keyClaims(open)
  })
  describe('settings', () => {
    settingsClaims(open)
  })
}

const BEFORE = { a: 1, b: { deep: [1] }, 'old/c': 'c' }
const FAILED = { code: 'MIGRATION_FAILED' }

function keyClaims(open: Open): void {
  test('are brought to a version step by step, each of which sees what the ones before did', async () => {
    const plugin = await open({ migrations: [TENFOLD, RENAMED] }, { keys: BEFORE })
    await plugin.migrate(3)
    expect(await plugin.keys()).toEqual({ a: 10, b: { deep: [1] }, 'new/c': 'c' })
    await plugin.migrate(3)
    expect(await plugin.keys()).toEqual({ a: 10, b: { deep: [1] }, 'new/c': 'c' })
  })

  test('stay as they were when a step fails', async () => {
    const plugin = await open({ migrations: [RENAMED, { ...FAILS, to: 2 }] }, { keys: BEFORE })
    await expect(plugin.migrate(3)).rejects.toMatchObject({ ...FAILED, message: expect.stringContaining('no way') })
    expect(await plugin.keys()).toEqual(BEFORE)
  })

  test('stay as they were when the last of many steps fails', async () => {
    const plugin = await open({ migrations: [TENFOLD, { ...FAILS, to: 3 }] }, { keys: BEFORE })
    await expect(plugin.migrate(3)).rejects.toMatchObject(FAILED)
    expect(await plugin.keys()).toEqual(BEFORE)
  })

  test('stay as they were when a step is missing', async () => {
    const plugin = await open({ migrations: [RENAMED] }, { keys: BEFORE })
    const message = expect.stringContaining('no migration to version 2')
    await expect(plugin.migrate(3)).rejects.toMatchObject({ ...FAILED, message })
    expect(await plugin.keys()).toEqual(BEFORE)
  })

  test('stay as they were when a step is late', async () => {
    const plugin = await open({ migrations: [{ to: 2, up: () => new Promise(() => {}) }] }, { keys: BEFORE })
    await expect(lateFailure(plugin)).resolves.toMatchObject(FAILED)
    expect(await plugin.keys()).toEqual(BEFORE)
  })

  test('that are not there need no step', async () => {
    const plugin = await open({ migrations: [] }, {})
    await plugin.migrate(3)
    expect(await plugin.keys()).toEqual({})
  })

  test('of a later version are refused', async () => {
    const plugin = await open({ migrations: [TENFOLD, RENAMED] }, { keys: BEFORE })
    await plugin.migrate(3)
    await expect(plugin.migrate(2)).rejects.toMatchObject({ code: 'STORAGE_NEWER' })
    expect(await plugin.keys()).toEqual({ a: 10, b: { deep: [1] }, 'new/c': 'c' })
  })
}

function settingsClaims(open: Open): void {
  const deeper = { to: 2, up: ({ depth = 0 }: JsonObject) => ({ deep: depth }) }

  test('are brought to a version step by step', async () => {
    const twice = { to: 3, up: ({ deep }: JsonObject) => ({ deep: Number(deep) * 2 }) }
    const plugin = await open({ settingsMigrations: [twice, deeper] }, { settings: { depth: 5 } })
    await plugin.migrate(3)
    expect(await plugin.settings()).toEqual({ deep: 10 })
  })

  test('stay as they were when a step fails, and so do the keys', async () => {
    const fails = { to: 2, up: () => Promise.reject(new Error('no way')) }
    const steps = { migrations: [TENFOLD], settingsMigrations: [fails] }
    const plugin = await open(steps, { settings: { depth: 5 }, keys: BEFORE })
    await expect(plugin.migrate(2)).rejects.toMatchObject(FAILED)
    expect([await plugin.settings(), await plugin.keys()]).toEqual([{ depth: 5 }, BEFORE])
  })

  test('that are not there need no step', async () => {
    const plugin = await open({ settingsMigrations: [] }, {})
    await plugin.migrate(2)
    expect(await plugin.settings()).toEqual({})
  })
}

/** Moves the clock until a migration to the second version has failed. */
async function lateFailure(plugin: MigratedPlugin): Promise<unknown> {
  let failure: unknown
  const migrating = plugin.migrate(2).catch((thrown: unknown) => (failure = thrown))
  const passing = async (): Promise<void> => {
    await plugin.advance(limits.migrationMs)
    expect(failure).toBeDefined()
  }
  await vi.waitFor(passing, { timeout: 10_000, interval: 50 })
  await migrating
  return failure
}

type Step = NonNullable<Plugin['migrations']>[number]

const TENFOLD: Step = { to: 2, up: async (kv) => kv.set('a', Number(await kv.get('a')) * 10) }
const FAILS: Step = {
  to: 0,
  up: async (kv) => {
    await kv.set('a', 'lost')
    await kv.delete('b')
    throw new Error('no way')
  },
}
const RENAMED: Step = {
  to: 3,
  up: async (kv) => {
    for (const key of await kv.list('old/')) {
      const value = (await kv.get(key)) as Json
      await kv.transaction({
        when: [{ key, is: value }],
        changes: [{ delete: key }, { set: key.replace('old/', 'new/'), value }],
      })
    }
  },
}
