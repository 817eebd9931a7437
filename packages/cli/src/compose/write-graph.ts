import { formatGraph, type FormatRequest, type FormattedGraph } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapExtensions } from './map-extensions.ts'

/** Writes a graph down in a format of the extensions that a verb of `sm` works with. */
export async function writeGraph(
  cli: SmCli,
  flags: ExtensionFlags,
  format: string,
  graph: Pick<FormatRequest, 'graph' | 'isFiltered'>,
): Promise<FormattedGraph> {
  await using configured = await mapExtensions(cli, flags)
  const { extensions, options } = configured
  return await formatGraph({ format, ...graph, extensions, world: cli.world, options })
}
