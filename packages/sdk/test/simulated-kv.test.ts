import { definePlugin, type Context } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import { kvSuite } from '@tenon/testkit'

kvSuite(async (scripts) => {
  const operations = Object.fromEntries(
    Object.entries(scripts).map(([name, script]) => [name, (_: unknown, ctx: Context) => script(ctx.kv)]),
  )
  const plugin = testPlugin(definePlugin({ operations }))
  return { run: (name) => plugin.call(name, null), advance: async (ms) => plugin.advance(ms) }
})
