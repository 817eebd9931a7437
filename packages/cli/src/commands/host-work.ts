import type { Cli } from '../command.ts'
import type { Ask } from '../compose/asker.ts'
import type { LocationFlags } from './location-flags.ts'

/** Does something with the host that the flags mean. */
export async function onHost<T>(
  { world }: Cli,
  flags: LocationFlags & { registry?: string },
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const { withHost } = await import('../compose/host-session.ts')
  const { locationsOf } = await import('../compose/locations.ts')
  return withHost({ world, locations: locationsOf(world, flags), registryUrl: flags.registry }, work)
}
