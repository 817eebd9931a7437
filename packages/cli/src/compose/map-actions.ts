import { openActions, readingsOf, type Actions, type NodePlaces, type ScanResult } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { errorTeller } from './keep-scan.ts'
import { placesOf } from './live-nodes.ts'
import { mapExtensions } from './map-extensions.ts'

/** Actions that may be run on the nodes of a scan, loaded until this is disposed of. */
export type MapActions = Actions & { places: NodePlaces } & AsyncDisposable

export async function mapActions(cli: SmCli, flags: ExtensionFlags, scan: ScanResult): Promise<MapActions> {
  const configured = await mapExtensions(cli, flags)
  const { extensions, options } = configured
  const places = { ...placesOf(cli.world, scan, options.maxFileBytes), readingOf: readingsOf(extensions) }
  const actions = openActions({
    places,
    world: cli.world,
    extensions,
    options: { ...options, onEvent: errorTeller(cli.tell) },
  })
  return { ...actions, places, [Symbol.asyncDispose]: () => configured[Symbol.asyncDispose]() }
}
