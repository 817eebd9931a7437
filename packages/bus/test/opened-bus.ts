import { join } from 'node:path'
import type { EventRecord, World } from '@tenon/contract'
import { openGroupWriter } from '@tenon/database'
import { busMigrations, openBus, type Bus } from '@tenon/bus'

/** A bus in a folder, which is to be ended by `end`. */
export async function openedBus(
  folder: string,
  world: World,
): Promise<{ bus: Bus; path: string; end: () => Promise<void> }> {
  const path = join(folder, 'events.db')
  const writer = await openGroupWriter(path, { migrations: busMigrations, world })
  const bus = openBus({ writer, world })
  let ending: Promise<void> | undefined
  return { bus, path, end: () => (ending ??= bus.close().then(() => writer.close())) }
}

export const eventOf = (world: World, change: Partial<EventRecord> = {}): EventRecord => ({
  id: world.newId(),
  type: 'plugin.notes.saved',
  version: 1,
  source: 'notes',
  at: new Date(world.now()).toISOString(),
  traceId: 't1',
  dataTraits: [],
  payload: { note: 1 },
  metadata: {},
  ...change,
})
