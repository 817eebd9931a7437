import { defineCommand } from '../command.ts'
import { columns } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Row = { id: string; version: string; kind: string; status: string; health: string; contained: boolean }
type Workspace = { folder: string; generation: number; plugins: Record<string, { version: string }> }

export const pluginList = defineCommand<LocationFlags>({
  brief: 'List the plugins of a workspace and its host',
  example: 'plugin list --json',
  flags: locationFlags,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const { plugins } = (await ask('GET', '/plugins')) as { plugins: Row[] }
      const workspace = (await ask('GET', '/workspace')) as Workspace
      const rows = plugins.map(({ id, version, kind, status, health, contained }) => [
        id,
        version,
        kind,
        status,
        health,
        contained ? 'contained' : 'not contained',
      ])
      const text = rows.length === 0 ? 'no plugins' : columns(['ID', 'VERSION', 'KIND', 'STATUS', 'HEALTH', ''], rows)
      return { data: { workspace, plugins }, text: `${workspace.folder}, generation ${workspace.generation}\n${text}` }
    }),
})
