import { definePlugin, type Context } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import { price, serviceSuite, twice } from '@tenon/testkit'

serviceSuite(async (scripts) => {
  const operations = Object.fromEntries(
    Object.entries(scripts).map(([name, script]) => [name, (_: unknown, ctx: Context) => script(ctx)]),
  )
  const plugin = testPlugin(definePlugin({ operations, services: { twice } }), {
    services: { 'shop/price': { answer: price, throttle: { perSecond: 1, burst: 2 } } },
  })
  return {
    run: (name) => plugin.call(name, null),
    serve: plugin.serve,
    advance: async (ms) => plugin.advance(ms),
  }
})
