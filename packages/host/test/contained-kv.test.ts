import { kvSuite, simulatedWorld } from '@tenon/testkit'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost } from './open-test-host.ts'

kvSuite(async (scripts) => {
  const source = Object.entries(scripts).map(([name, script]) => `${name}: (_, ctx) => (${script.toString()})(ctx.kv)`)
  const operations = Object.fromEntries(Object.keys(scripts).map((name) => [name, { out: {} }]))
  const granted = ['storage:kv']
  const plugin = { id: 'keeper', source: `operations: { ${source.join()} }`, operations, asks: granted, granted }
  const world = simulatedWorld(1)
  const host = await openTestHost({ world, installed: installedPlugins(plugin) })
  await host.sync()
  await host.enable('keeper')
  return {
    run: async (name) => JSON.parse((await host.admin('POST', `/gateway/keeper/${name}`, null)).text),
    advance: (ms) => world.advance(ms),
  }
})
