import { describe, expect, test, vi } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import type { Context } from '@tenon/sdk'

/** What a plugin does in its life. A hook crosses into a sandbox as text, so it uses nothing but its context. */
export type LifeHooks = Partial<Record<'start' | 'stop' | 'health', (ctx: Context) => Promise<unknown>>>

/** An enabled plugin with these hooks, whose operation `act` logs "act" and answers "acted". */
export type LivingPlugin = {
  act(): Promise<Json>
  health(): Promise<void>
  /** Settles when it is stopped and started no more, until it is enabled. */
  stop(): Promise<void>
  enable(): Promise<void>
  status(): Promise<string>
  /** What it logged, in order. */
  logged(): readonly string[]
  /** Moves the clock by which hooks are late. */
  advance(ms: number): Promise<void>
}

type Open = (hooks: LifeHooks) => Promise<LivingPlugin>

/** The claims that hold for the hooks of a plugin wherever it runs. */
export function lifecycleSuite(open: Open): void {
  describe('start', () => {
    startClaims(open)
  })
  describe('health', () => {
    healthClaims(open)
  })
  describe('stop', () => {
    stopClaims(open)
  })
}

function startClaims(open: Open): void {
  test('runs once, before the first call is answered', async () => {
    const plugin = await open({ start: NOTES })
    expect(await Promise.all([plugin.act(), plugin.act()])).toEqual(['acted', 'acted'])
    expect(plugin.logged()).toEqual(['hook', 'act', 'act'])
  })

  test('is tried once more when it fails', async () => {
    const plugin = await open({ start: FAILS_ONCE })
    expect(await plugin.act()).toBe('acted')
    expect([plugin.logged(), await plugin.status()]).toEqual([['hook', 'hook', 'act'], 'active'])
  })

  test('quarantines a plugin when it fails twice, and is not tried again until that is enabled', async () => {
    const plugin = await open({ start: FAILS_THRICE })
    await expect(plugin.act()).rejects.toMatchObject({
      code: 'PLUGIN_START_FAILED',
      message: expect.stringContaining('not yet'),
    })
    await quarantined(plugin)
    await expect(plugin.act()).rejects.toMatchObject({ code: 'PLUGIN_DISABLED' })
    expect(plugin.logged()).toEqual(['hook', 'hook'])
    await plugin.enable()
    expect([await plugin.act(), await plugin.status()]).toEqual(['acted', 'active'])
    expect(plugin.logged()).toEqual(['hook', 'hook', 'hook', 'hook', 'act'])
  })

  test('fails when it is late', async () => {
    const plugin = await open({ start: HANGS })
    const acting = failureOf(plugin.act())
    await logged(plugin, 'hook')
    await plugin.advance(limits.startHookMs - 1)
    expect(plugin.logged()).toEqual(['hook'])
    await plugin.advance(1)
    await logged(plugin, 'hook', 'hook')
    await plugin.advance(limits.startHookMs)
    expect(await acting).toMatchObject({
      code: 'PLUGIN_START_FAILED',
      message: expect.stringContaining(`${limits.startHookMs} ms`),
    })
    await quarantined(plugin)
  })
}

function healthClaims(open: Open): void {
  test('says how the plugin is, and is late after its deadline', async () => {
    const plugin = await open({ health: AILS })
    await plugin.act()
    await plugin.health()
    await expect(plugin.health()).rejects.toMatchObject({ code: 'OPERATION_FAILED', message: 'ill' })
    const late = failureOf(plugin.health())
    await logged(plugin, 'act', 'hook', 'hook', 'hook')
    await plugin.advance(limits.healthTimeoutMs)
    expect(await late).toMatchObject({ code: 'CALL_TIMEOUT' })
    expect(await plugin.status()).toBe('active')
  })
}

function stopClaims(open: Open): void {
  test('runs when the plugin is stopped, and the plugin starts anew after that', async () => {
    const plugin = await open({ start: NOTES, stop: NOTES })
    await plugin.act()
    await plugin.stop()
    expect(plugin.logged()).toEqual(['hook', 'act', 'hook'])
    await plugin.enable()
    await plugin.act()
    expect(plugin.logged()).toEqual(['hook', 'act', 'hook', 'hook', 'act'])
  })

  test('does not run for a plugin that never started', async () => {
    const plugin = await open({ stop: NOTES })
    await plugin.stop()
    expect(plugin.logged()).toEqual([])
  })

  test('holds nobody up beyond its deadline', async () => {
    const plugin = await open({ stop: HANGS })
    await plugin.act()
    const stopping = Promise.allSettled([plugin.stop()])
    await logged(plugin, 'act', 'hook')
    await plugin.advance(limits.pluginStopMs)
    await stopping
  })
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  )

const logged = (plugin: LivingPlugin, ...messages: string[]): Promise<void> =>
  vi.waitFor(() => expect(plugin.logged()).toEqual(messages), { timeout: 10_000, interval: 10 })

const quarantined = (plugin: LivingPlugin): Promise<void> =>
  vi.waitFor(async () => expect(await plugin.status()).toBe('quarantined'), { timeout: 10_000, interval: 10 })

type Hook = (ctx: Context) => Promise<void>

const NOTES: Hook = (ctx) => ctx.log('info', 'hook')

const HANGS: Hook = async (ctx) => {
  await ctx.log('info', 'hook')
  await new Promise(() => {})
}

const FAILS_ONCE: Hook = async (ctx) => {
  await ctx.log('info', 'hook')
  if (await ctx.kv.compareAndSet('failed', undefined, true)) throw new Error('not yet')
}

const FAILS_THRICE: Hook = async (ctx) => {
  await ctx.log('info', 'hook')
  const failed = Number((await ctx.kv.get('failed')) ?? 0)
  await ctx.kv.set('failed', failed + 1)
  if (failed < 3) throw new Error('not yet')
}

/** Well at first, then ill, then silent. */
const AILS: Hook = async (ctx) => {
  const asked = Number((await ctx.kv.get('asked')) ?? 0) + 1
  await ctx.kv.set('asked', asked)
  await ctx.log('info', 'hook')
  if (asked === 2) throw Object.assign(new Error('ill'), { code: 'OPERATION_FAILED' })
  if (asked === 3) await new Promise(() => {})
}
