import { limits, TenonError, type ErrorCode, type Json, type World } from '@tenon/contract'
import { migrationSuite, simulatedWorld, wallWorld } from '@tenon/testkit'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost } from './open-test-host.ts'

const QUOTA = { quotaBytes: 1_048_576 }
const SETTINGS = { depth: { type: 'integer', label: 'Depth' }, deep: { type: 'integer', label: 'Deep' } } as const

const textOf = (steps: readonly { to: number; up: unknown }[] = []): string =>
  `[${steps.map(({ to, up }) => `{ to: ${to}, up: ${String(up)} }`).join()}]`

migrationSuite(async ({ migrations, settingsMigrations }, { keys = {}, settings = {} }) => {
  const version = (to: number): TestPlugin => ({
    id: 'keeper',
    source: `operations: { act: () => 1 }, migrations: ${textOf(migrations)}, settingsMigrations: ${textOf(settingsMigrations)}`,
    operations: { act: { out: {} } },
    asks: ['storage:kv'],
    granted: ['storage:kv'],
    spec: {
      ...{ version: `1.${to}.0`, storage: { quotaMb: 1, schemaVersion: to } },
      ...{ settings: SETTINGS, settingsVersion: to },
    },
  })
  const [wall, still] = [wallWorld(), simulatedWorld(1)]
  const timer: World['timer'] = (ms, signal) => (ms === limits.migrationMs ? still : wall).timer(ms, signal)
  const host = await openTestHost({ sandboxWorld: { ...wall, timer }, installed: installedPlugins(version(1)) })
  await host.sync()
  const kv = host.storage.kv('keeper', QUOTA)
  for (const [key, value] of Object.entries(keys)) await kv.set(key, value)
  if (Object.keys(settings).length > 0)
    await host.storage.config('keeper', SETTINGS).set(settings, { who: 'a test', why: 'before' })
  await host.enable('keeper')
  return {
    migrate: async (to) => {
      host.installed.install(version(to))
      await host.sync()
      const { status, body } = await host.admin('POST', '/gateway/keeper/act', null)
      if (status !== 200) throw new TenonError(body['code'] as ErrorCode, String(body['detail']))
    },
    keys: async () => {
      const entries = (await kv.list()).map(async (key) => [key, (await kv.get(key)) as Json] as const)
      return Object.fromEntries(await Promise.all(entries))
    },
    settings: () => host.storage.config('keeper', SETTINGS).forPlugin(),
    advance: (ms) => still.advance(ms),
  }
})
