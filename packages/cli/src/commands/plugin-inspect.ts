import { defineCommand } from '../command.ts'
import { columns, inline } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type View = {
  id: string
  name: string
  version: string
  status: string
  health: string
  level?: string
  permissions: { capability: string; reason: string; granted: boolean; used: number }[]
  operations: { name: string; summary: string }[]
}

export const pluginInspect = defineCommand<LocationFlags, [string]>({
  brief: 'Show what a plugin may do, does and did',
  example: 'plugin inspect id-mint',
  flags: locationFlags,
  args: ['id'],
  run: (cli, flags, id) =>
    onHost(cli, flags, async (ask) => {
      const view = (await ask('GET', `/plugins/${encodeURIComponent(id)}`)) as View
      const permissions = view.permissions.map(({ capability, reason, granted, used }) => [
        capability,
        granted ? 'granted' : 'not granted',
        used === 0 ? 'never used' : `used ${used} times`,
        reason,
      ])
      const lines = [
        `${inline(view.name)} ${view.version}: ${view.status}, ${view.health}${view.level === undefined ? '' : `, level ${view.level}`}`,
        permissions.length === 0 ? 'asks for nothing' : columns(['CAPABILITY', 'GRANT', 'USE', 'REASON'], permissions),
        ...view.operations.map(({ name, summary }) => `${name}: ${inline(summary)}`),
      ]
      return { data: view, text: lines.join('\n') }
    }),
})
