import { TenonError, limits, type ErrorCode, type World } from '@tenon/contract'
import { lifecycleSuite, simulatedWorld, wallWorld } from '@tenon/testkit'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost } from './open-test-host.ts'

const HOOK_DEADLINES: readonly number[] = [limits.startHookMs, limits.healthTimeoutMs, limits.pluginStopMs]

lifecycleSuite(async (hooks) => {
  const source = Object.entries(hooks).map(([name, hook]) => `${name}: ${hook.toString()}`)
  const act = `act: (_, ctx) => ctx.log('info', 'act').then(() => 'acted')`
  const granted = ['storage:kv']
  const plugin = {
    ...{ id: 'living', asks: granted, granted, operations: { act: { out: {} } } },
    source: [`operations: { ${act} }`, ...source].join(),
  }
  const [wall, still] = [wallWorld(), simulatedWorld(1)]
  const timer: World['timer'] = (ms, signal) => (HOOK_DEADLINES.includes(ms) ? still : wall).timer(ms, signal)
  const host = await openTestHost({ sandboxWorld: { ...wall, timer }, installed: installedPlugins(plugin) })
  await host.sync()
  await host.enable('living')
  return {
    act: async () => {
      const { status, text, body } = await host.admin('POST', '/gateway/living/act', null)
      if (status === 200) return JSON.parse(text)
      throw new TenonError(body['code'] as ErrorCode, String(body['detail']))
    },
    health: async () => host.host.running.now('living')?.process.ping(),
    stop: async () => void (await host.admin('POST', '/admin/plugins/living/disable')),
    enable: () => host.enable('living'),
    status: async () => String((await host.admin('GET', '/plugins/living')).body['status']),
    logged: () => host.logged.map((line) => line.replace('living info: ', '')),
    advance: (ms) => still.advance(ms),
  }
})
