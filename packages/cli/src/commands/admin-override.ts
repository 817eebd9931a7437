import { buildRouteMap } from '@stricli/core'
import { TenonError } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { columns, inline } from '../printer.ts'
import { durationMs } from './duration.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Override = {
  id: string
  state: string
  plugin: string
  finding: string
  why: string
  requestedBy: string
  approvedBy?: string
  expiresAt: string
}

const lineOf = ({ id, state, plugin, finding, expiresAt }: Override): string =>
  `${id}: ${finding} of ${plugin} is ${state === 'approved' ? `overridden until ${expiresAt}` : state}`

type Wish = LocationFlags & { digest?: string; finding?: string; why?: string; expires?: string }

const request = defineCommand<Wish, [string]>({
  brief: 'Ask that a finding does not count for an installed bundle, for a time',
  example:
    'admin override request id-mint --digest sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 --finding KEY_REVOKED --why "a false alarm" --expires 7d',
  flags: {
    ...locationFlags,
    digest: textFlag('The digest of the manifest of the very bundle, as "tenon plugin inspect" shows it'),
    finding: textFlag('What is not to count: ATTESTATION_MISSING, BUNDLE_REVOKED, KEY_REVOKED or REVOCATIONS_STALE'),
    why: textFlag('Why, for who approves it and for the ledger'),
    expires: textFlag('For how long, such as 12h or 7d; 30d at most'),
  },
  args: ['id'],
  run(cli, { digest, finding, why, expires, ...flags }, plugin) {
    if (digest === undefined || finding === undefined || why === undefined || expires === undefined)
      throw new TenonError('USAGE', 'an override needs --digest, --finding, --why and --expires')
    const wish = { plugin, digest, finding, why, lifetimeMs: durationMs(expires) }
    return onHost(cli, flags, async (ask) => {
      const made = (await ask('POST', '/admin/overrides', wish)) as Override
      return { data: made, text: lineOf(made) }
    })
  },
})

const step = (verb: 'approve' | 'revoke', brief: string) =>
  defineCommand<LocationFlags, [string]>({
    brief,
    example: `admin override ${verb} 01JQZ3K5V7W9X2Y4Z6A8B0C1D2`,
    flags: locationFlags,
    args: ['override'],
    run: (cli, flags, id) =>
      onHost(cli, flags, async (ask) => {
        const done = (await ask('POST', `/admin/overrides/${encodeURIComponent(id)}/${verb}`)) as Override
        return { data: done, text: lineOf(done) }
      }),
  })

const list = defineCommand<LocationFlags>({
  brief: 'List every override that was asked for',
  example: 'admin override list',
  flags: locationFlags,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const { overrides } = (await ask('GET', '/admin/overrides')) as { overrides: Override[] }
      const rows = overrides.map(({ id, state, plugin, finding, expiresAt, requestedBy, approvedBy = '', why }) => [
        ...[id, state, plugin, finding, expiresAt, requestedBy, approvedBy, inline(why)],
      ])
      const head = ['ID', 'STATE', 'PLUGIN', 'FINDING', 'UNTIL', 'ASKED BY', 'APPROVED BY', 'WHY']
      return { data: overrides, text: rows.length === 0 ? 'no overrides' : columns(head, rows) }
    }),
})

export const adminOverride = buildRouteMap({
  routes: {
    request,
    approve: step('approve', 'Put an override in force, as another administrator than the one who asked for it'),
    revoke: step('revoke', 'End an override, or what was asked for, and what runs only by it'),
    list,
  },
  docs: { brief: 'False alarms: what speaks against a plugin does not count for a time' },
})
