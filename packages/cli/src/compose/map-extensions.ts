import { builtInPlugins, type ScanEvent, type ExtensionSource } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { printComplaint } from '../printer.ts'
import { openMapPlugins, pluginFolders, type MapPluginsWish } from './map-plugins.ts'

/** The extensions that a verb works with, loaded until this is disposed of. What cannot take part is told. */
export async function mapExtensions(
  cli: SmCli,
  { noBuiltIns, noPlugins, pluginDir = [], trust = [], distrust = [] }: ExtensionFlags,
  { isEnabled, stores }: Pick<MapPluginsWish, 'isEnabled' | 'stores'> = {},
): Promise<{ sources: readonly ExtensionSource[] } & AsyncDisposable> {
  const { io, world, place } = cli
  const folders = noPlugins ? [] : pluginFolders(world, pluginDir, place.scope)
  const opened = await openMapPlugins(io, world, {
    folders,
    trust,
    distrust,
    ...(isEnabled && { isEnabled }),
    ...(stores && { stores }),
  })
  for (const { id, status, reason = '' } of opened.plugins)
    if (status !== 'enabled' && status !== 'disabled') complain(cli, id, status, reason)
  const sources = [...(noBuiltIns ? [] : builtInPlugins), ...opened.extensions]
  return { sources, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}

export const complain = ({ io }: SmCli, id: string, status: string, reason: string): void =>
  printComplaint(io, `plugin ${id}: ${status} — ${reason}`)

/** Tells what extensions did wrong, the same thing once. */
export function errorTeller(cli: SmCli): (event: ScanEvent) => void {
  const told = new Set<string>()
  return ({ type, data }) => {
    if (type !== 'extension.error') return
    const { extensionId, kind, message } = data
    const what = JSON.stringify([extensionId, kind, message])
    if (!told.has(what)) complain(cli, extensionId, kind, message)
    told.add(what)
  }
}
