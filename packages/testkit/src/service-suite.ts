import { expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import type { Context } from '@tenon/sdk'

/** What a plugin does that asks services. A script crosses into a sandbox as text, so it uses nothing but `ctx`. */
export type ServiceScripts = Record<string, (ctx: Context) => Promise<Json>>

/**
 * A plugin whose operations are the scripts. It may ask `shop/price`, twice at once and once a second after that, and
 * nothing else, and it provides `twice` itself. What these two do is below.
 */
export type ServedPlugin = {
  run(name: string): Promise<Json>
  /** Asks the plugin's own service. */
  serve(service: string, request: Json): Promise<Json>
  advance(ms: number): Promise<void>
}

/** It crosses into a sandbox as text, as `twice` does. */
export function price(request: Json): Json {
  const { items } = request as { items: number }
  if (items === 0) throw Object.assign(new Error('no items'), { code: 'NOTHING_ASKED' })
  return { cents: items * 100 }
}

export const twice = (request: Json): Json => Number(request) * 2

/** The claims that hold for services wherever a plugin runs. */
export function serviceSuite(open: (scripts: ServiceScripts) => Promise<ServedPlugin>): void {
  test('a plugin asks a service, and its own is asked', async () => {
    const plugin = await open({ ask: (ctx) => ctx.services.call('shop/price', { items: 3 }) })
    expect(await plugin.run('ask')).toEqual({ cents: 300 })
    expect(await plugin.serve('twice', 4)).toBe(8)
    for (const unknown of ['thrice', 'constructor'])
      await expect(plugin.serve(unknown, 4)).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' })
  })

  test('what a plugin may not ask is refused by its capability', async () => {
    const plugin = await open({
      ask: (ctx) =>
        ctx.services.call('shop/stock', null).then(
          () => 'answered',
          ({ code, message }) => `${code} ${message}`,
        ),
    })
    expect(await plugin.run('ask')).toMatch(/^PERMISSION_DENIED .*shop\/stock/)
  })

  test('a service that fails is told with its own code', async () => {
    const plugin = await open({
      ask: (ctx) =>
        ctx.services.call('shop/price', { items: 0 }).then(
          () => 'answered',
          ({ code, message, details }) => ({ code, message, details }),
        ),
    })
    expect(await plugin.run('ask')).toMatchObject({
      ...{ code: 'OPERATION_FAILED', message: 'no items', details: { pluginCode: 'NOTHING_ASKED' } },
    })
  })

  test('a service is asked as often as it says, and again when time has passed', async () => {
    const ask = (ctx: Context): Promise<Json> =>
      ctx.services.call('shop/price', { items: 1 }).then(
        () => 'answered',
        ({ code }) => code,
      )
    const plugin = await open({ ask })
    const answers = async (): Promise<Json[]> => [
      await plugin.run('ask'),
      await plugin.run('ask'),
      await plugin.run('ask'),
    ]
    expect(await answers()).toEqual(['answered', 'answered', 'SERVICE_THROTTLED'])
    await plugin.advance(999)
    expect(await plugin.run('ask')).toBe('SERVICE_THROTTLED')
    await plugin.advance(1)
    expect(await answers()).toEqual(['answered', 'SERVICE_THROTTLED', 'SERVICE_THROTTLED'])
    await plugin.advance(60_000)
    expect(await answers()).toEqual(['answered', 'answered', 'SERVICE_THROTTLED'])
  })
}
