import type { Bumped } from '@tenon/authoring'
import { defineCommand, textFlag } from '../command.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginBump = defineCommand<{ to?: string }, [string?]>({
  brief: 'Set the lowest version that may follow what was released of a plugin, and tell of it in its changelog',
  example: 'plugin bump plugins/id-mint',
  flags: { to: textFlag('A higher version than has to be') },
  args: ['folder?'],
  async run({ world }, { to }, named) {
    const { bumpPlugin, policiesFor } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const { releasesOf } = await import('../compose/releases.ts')
    const root = pluginFolder(world, named)
    const releases = await releasesOf(world, root)
    const bumped = await bumpPlugin(nodeDisk, root, await policiesFor(nodeDisk, root), { releases, to })
    return { data: { root, ...bumped }, text: textOf(bumped) }
  },
})

function textOf({ from, to, least, written }: Bumped): string {
  const first = least === undefined ? 'nothing was released' : `at least ${least} may follow what was released`
  if (written.length === 0) return `${first}; ${from} stays`
  return [`${first}; ${from} → ${to}`, ...written.map((path) => `wrote ${path}`)].join('\n')
}
