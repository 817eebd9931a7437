import type { EventBus, World } from '@tenon/contract'

/** What the host itself publishes, by type; a payload names what changed, and holds no value of it. */
export type HostEvents = {
  'host.config.changed': {
    plugin: string
    settings: string[]
    /** Where they hold; everywhere without one. */
    environment?: string
    version: number
    who: string
  }
}

/** No plugin publishes under the host's name. */
export const isOfHost = (type: string): boolean => type.startsWith('host.')

export type HostEventPorts = { bus: EventBus; world: World }

/** Settles when the event is on disk. Events about one plugin have its id as their key. */
export const publishAsHost = <Type extends keyof HostEvents>(
  { bus, world }: HostEventPorts,
  type: Type,
  payload: HostEvents[Type],
  traceId: string,
): Promise<void> =>
  bus.publish({
    ...{ id: world.newId(), type, version: 1, source: 'host', at: new Date(world.now()).toISOString(), traceId },
    ...{ key: payload.plugin, dataTraits: [], payload, metadata: {} },
  })
