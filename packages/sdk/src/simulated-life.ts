import type { Json } from '@tenon/contract'
import type { Context } from './context.ts'
import { messageOf } from './given.ts'
import { copied, ordered } from './json-copy.ts'
import { PluginError, type Plugin } from './plugin.ts'
import { within, type SimulatedClock } from './simulated-clock.ts'

const START_MS = 20_000
const STOP_MS = 2_000
const HEALTH_MS = 5_000
const CONFIG_MS = 3_000

export type PluginStatus = 'active' | 'quarantined'

/** What came of another configuration: the plugin was told, it starts anew at next need, or there was nobody to tell. */
export type Reception = 'told' | 'restarting' | 'not running' | 'unchanged'

/** A plugin's life in a host: it starts at first need, and what does not start twice is not started again. */
export type SimulatedLife = {
  status(): PluginStatus
  /** Settles when the plugin has started. Rejects while it is quarantined. */
  ready(): Promise<void>
  /** Takes it out of quarantine, and starts it. */
  start(): Promise<void>
  stop(): Promise<void>
  health(): Promise<void>
  /** Tells it another configuration, if it runs. */
  tell(config: Json, before: Json): Promise<Reception>
}

export function simulatedLife(plugin: Plugin, context: Context, clock: SimulatedClock): SimulatedLife {
  let status: PluginStatus = 'active'
  let starting: Promise<void> | undefined
  const hook = (name: 'start' | 'stop' | 'health', ms: number): Promise<void> =>
    within(clock, ms, name, async () => void (await plugin[name]?.(context)))
  const startTwice = async (): Promise<void> => {
    try {
      await hook('start', START_MS).catch(() => hook('start', START_MS))
    } catch (thrown) {
      status = 'quarantined'
      starting = undefined
      throw new PluginError('PLUGIN_START_FAILED', `the plugin did not start: ${messageOf(thrown)}`)
    }
  }
  const ready = async (): Promise<void> => {
    if (status === 'quarantined') throw new PluginError('PLUGIN_DISABLED', 'the plugin is quarantined')
    await (starting ??= startTwice())
  }
  const stop = async (): Promise<void> => {
    if (starting === undefined) return
    starting = undefined
    await hook('stop', STOP_MS)
  }
  return {
    status: () => status,
    ready,
    start: () => {
      status = 'active'
      return ready()
    },
    stop,
    health: async () => {
      await ready()
      await hook('health', HEALTH_MS)
    },
    tell: async (config, before) => {
      if (starting === undefined) return 'not running'
      if (ordered(config) === ordered(before)) return 'unchanged'
      try {
        await within(clock, CONFIG_MS, 'configChanged', () =>
          plugin.configChanged?.(copied(config), copied(before), context),
        )
        return 'told'
      } catch {
        await Promise.allSettled([stop()])
        return 'restarting'
      }
    },
  }
}
