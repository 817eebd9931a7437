import { defineCommand, switchFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Move = { from: number; to: number; changed: number }
type Migrated = { storage: Move; settings: Move }

export const pluginMigrate = defineCommand<LocationFlags & { dryRun: boolean }, [string]>({
  brief: 'Bring what a plugin stored to the versions that it declares, as its first start does',
  example: 'plugin migrate id-mint --dry-run',
  flags: { ...locationFlags, dryRun: switchFlag('Take every step on a copy, and change nothing') },
  args: ['id'],
  run: (cli, { dryRun, ...flags }, id) =>
    onHost(cli, flags, async (ask) => {
      const path = `/admin/plugins/${encodeURIComponent(id)}/migrate`
      const done = (await ask('POST', dryRun ? `${path}?dryRun=true` : path)) as Migrated
      const lines = [lineOf('keys', done.storage), lineOf('settings', done.settings)].filter((line) => line !== '')
      const head = dryRun ? ['it would go well:'] : []
      return { data: done, text: lines.length === 0 ? 'nothing to migrate' : [...head, ...lines].join('\n') }
    }),
})

const lineOf = (what: string, { from, to, changed }: Move): string =>
  from === to ? '' : `${what}: version ${from} → ${to}, ${changed} of them changed`
