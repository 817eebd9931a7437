import { definePlugin, type Context } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import { lifecycleSuite } from '@tenon/testkit'

lifecycleSuite(async (hooks) => {
  const act = (_: unknown, ctx: Context): Promise<string> => ctx.log('info', 'act').then(() => 'acted')
  const plugin = testPlugin(definePlugin({ operations: { act }, ...hooks }))
  return {
    act: () => plugin.call('act', null),
    health: plugin.health,
    stop: plugin.stop,
    enable: plugin.start,
    status: async () => plugin.status(),
    logged: () => plugin.logged.map(({ message }) => message),
    advance: async (ms) => plugin.advance(ms),
  }
})
