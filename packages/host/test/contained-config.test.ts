import { limits, type World } from '@tenon/contract'
import { configSuite, simulatedWorld, wallWorld } from '@tenon/testkit'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost } from './open-test-host.ts'

configSuite(async (hook) => {
  const act = `operations: { act: (_, ctx) => ctx.config.get() }, start: (ctx) => ctx.log('info', 'start')`
  const plugin = {
    ...{ id: 'configured', operations: { act: { out: {} } } },
    source: hook === undefined ? act : `${act}, configChanged: ${hook.toString()}`,
    spec: {
      settings: {
        depth: { type: 'integer', label: 'Depth', default: 3 },
        title: { type: 'single-string', label: 'Title' },
      },
    },
  }
  const [wall, still] = [wallWorld(), simulatedWorld(1)]
  const timer: World['timer'] = (ms, signal) => (ms === limits.configHookMs ? still : wall).timer(ms, signal)
  const host = await openTestHost({ sandboxWorld: { ...wall, timer }, installed: installedPlugins(plugin) })
  await host.sync()
  await host.enable('configured')
  return {
    act: async () => JSON.parse((await host.admin('POST', '/gateway/configured/act', null)).text),
    configure: async ({ depth, title = null }: { depth: number; title?: string | null }) => {
      const body = { settings: { depth, title }, why: 'a test' }
      const { status, text, body: done } = await host.admin('PUT', '/workspace/config/configured', body)
      if (status !== 200) throw new Error(text)
      return String(done['plugin'])
    },
    logged: () => host.logged.map((line) => line.replace('configured info: ', '')),
    advance: (ms) => still.advance(ms),
  }
})
