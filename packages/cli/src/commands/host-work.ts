import type { Cli } from '../command.ts'
import type { Work } from '../compose/host-session.ts'
import type { LocationFlags } from './location-flags.ts'

/** Does something with the host that the flags mean. */
export async function onHost<T>(cli: Cli, flags: LocationFlags, work: Work<T>): Promise<T> {
  const { withHost } = await import('../compose/host-session.ts')
  const { locationsOf } = await import('../compose/locations.ts')
  return withHost(cli, locationsOf(cli.world, flags), work)
}
