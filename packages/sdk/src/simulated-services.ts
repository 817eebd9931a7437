import type { Json } from '@tenon/contract'
import { denied, messageOf, own } from './given.ts'
import { copied } from './json-copy.ts'
import { PluginError } from './plugin.ts'
import type { SimulatedClock } from './simulated-clock.ts'

/** A service of another plugin. Without a throttle it may be asked as often as one likes. */
export type SimulatedService = {
  answer: (request: Json) => Json | Promise<Json>
  throttle?: { perSecond: number; burst: number }
}

/** Asks services that the test gives, as often as each may be asked. */
export function simulatedServices(
  given: Record<string, SimulatedService>,
  clock: SimulatedClock,
): (service: string, request: Json) => Promise<Json> {
  const buckets = new Map<string, { left: number; at: number }>()
  const take = (name: string, { perSecond, burst }: NonNullable<SimulatedService['throttle']>): void => {
    const { left, at } = buckets.get(name) ?? { left: burst, at: clock.now() }
    const filled = Math.min(burst, left + ((clock.now() - at) / 1_000) * perSecond)
    if (filled < 1)
      throw new PluginError('SERVICE_THROTTLED', `${name} takes no more than ${perSecond} a second, ${burst} at once`)
    buckets.set(name, { left: filled - 1, at: clock.now() })
  }
  return async (name, request) => {
    const service = own(given, name)
    if (service === undefined) return denied(`service:call:${name}`)
    if (service.throttle !== undefined) take(name, service.throttle)
    try {
      return copied(await service.answer(copied(request)))
    } catch (thrown) {
      throw asCrossed(thrown)
    }
  }
}

/** A failure of another plugin as its caller meets it: the other's own code is a detail. */
function asCrossed(thrown: unknown): PluginError {
  const details = thrown instanceof Error && 'code' in thrown ? { details: { pluginCode: String(thrown.code) } } : {}
  return new PluginError('OPERATION_FAILED', messageOf(thrown), details)
}
