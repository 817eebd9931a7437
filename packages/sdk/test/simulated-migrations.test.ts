import { definePlugin } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import { migrationSuite } from '@tenon/testkit'

migrationSuite(async (steps, { keys = {}, settings = {} }) => {
  const plugin = testPlugin(definePlugin({ operations: { config: (_, ctx) => ctx.config.get() }, ...steps }), {
    kv: keys,
    config: settings,
  })
  let from = 1
  return {
    migrate: async (to) => {
      await plugin.migrateSettings({ from, to })
      await plugin.migrate({ from, to })
      from = to
    },
    keys: async () => Object.fromEntries(plugin.kv),
    settings: async () => (await plugin.call('config', null)) as Record<string, never>,
    advance: async (ms) => plugin.advance(ms),
  }
})
