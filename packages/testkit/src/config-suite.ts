import { expect, test, vi } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import type { Context } from '@tenon/sdk'

/** What a plugin does when its configuration changes. It crosses into a sandbox as text, so it uses nothing but its parameters. */
export type ConfigHook = (next: Json, before: Json, ctx: Context) => Promise<unknown>

/**
 * An enabled plugin with this hook, whose `start` logs "start" and whose operation `act` answers its configuration. It
 * declares a `depth`, of 3 unless it is set, and a `title`.
 */
export type ConfiguredPlugin = {
  act(): Promise<Json>
  /** Lets these be all that is set, and answers what came of that for the plugin. */
  configure(set: { depth: number; title?: string }): Promise<string>
  logged(): readonly string[]
  /** Moves the clock by which hooks are late. */
  advance(ms: number): Promise<void>
}

/** The claims that hold for `configChanged` wherever a plugin runs. `open` gives a plugin that was never configured. */
export function configSuite(open: (hook: ConfigHook | undefined) => Promise<ConfiguredPlugin>): void {
  test('a plugin that runs is told its configuration and the one before, and reads it from then on', async () => {
    const plugin = await open((next, before, ctx) => ctx.log('info', JSON.stringify([next, before])))
    expect(await plugin.act()).toEqual({ depth: 3 })
    expect(await plugin.configure({ depth: 5, title: 'Notes' })).toBe('told')
    expect(JSON.parse(String(plugin.logged().at(-1)))).toEqual([{ depth: 5, title: 'Notes' }, { depth: 3 }])
    expect(await plugin.act()).toEqual({ depth: 5, title: 'Notes' })
    expect(plugin.logged()[0]).toBe('start')
    expect(plugin.logged()).toHaveLength(2)
  })

  test('a plugin that does not run is told nothing, and starts with it', async () => {
    const plugin = await open((_next, _before, ctx) => ctx.log('info', 'told'))
    expect(await plugin.configure({ depth: 5 })).toBe('not running')
    expect(await plugin.act()).toEqual({ depth: 5 })
    expect(plugin.logged()).toEqual(['start'])
  })

  test('a plugin is not told what is the same for it', async () => {
    const plugin = await open((_next, _before, ctx) => ctx.log('info', 'told'))
    await plugin.act()
    expect(await plugin.configure({ depth: 3 })).toBe('unchanged')
    expect(plugin.logged()).toEqual(['start'])
  })

  test('a plugin without the hook goes on, and reads its new configuration', async () => {
    const plugin = await open(undefined)
    await plugin.act()
    expect(await plugin.configure({ depth: 5 })).toBe('told')
    expect([await plugin.act(), plugin.logged()]).toEqual([{ depth: 5 }, ['start']])
  })

  test('a plugin that cannot take it starts anew with it', async () => {
    const plugin = await open(async (_next, _before, ctx) => {
      await ctx.log('info', 'told')
      throw new Error('not now')
    })
    await plugin.act()
    expect(await plugin.configure({ depth: 5 })).toBe('restarting')
    expect(await plugin.act()).toEqual({ depth: 5 })
    expect(plugin.logged()).toEqual(['start', 'told', 'start'])
  })

  test('a plugin that takes too long over it starts anew with it', async () => {
    const plugin = await open(async (_next, _before, ctx) => {
      await ctx.log('info', 'told')
      await new Promise(() => {})
    })
    await plugin.act()
    const configuring = plugin.configure({ depth: 5 })
    await vi.waitFor(() => expect(plugin.logged()).toEqual(['start', 'told']), { timeout: 10_000, interval: 10 })
    await plugin.advance(limits.configHookMs)
    expect(await configuring).toBe('restarting')
    expect(await plugin.act()).toEqual({ depth: 5 })
    expect(plugin.logged()).toEqual(['start', 'told', 'start'])
  })
}
