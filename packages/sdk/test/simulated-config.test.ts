import { definePlugin, type Context, type Plugin } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import { configSuite } from '@tenon/testkit'

configSuite(async (configChanged) => {
  const written: Plugin = {
    operations: { act: (_, ctx: Context) => ctx.config.get() },
    start: (ctx) => ctx.log('info', 'start'),
    ...(configChanged === undefined ? {} : { configChanged }),
  }
  const plugin = testPlugin(definePlugin(written), { config: { depth: 3 } })
  return {
    act: () => plugin.call('act', null),
    configure: plugin.configure,
    logged: () => plugin.logged.map(({ message }) => message),
    advance: async (ms) => plugin.advance(ms),
  }
})
