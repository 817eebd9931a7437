import { parseReference, TenonError } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { revokeFlags, revoking, type RevokeFlags } from './revoking.ts'

export const pluginRevoke = defineCommand<RevokeFlags, [string]>({
  brief: 'Revoke a version of a plugin for ever: it does not start any more, and ends where it runs',
  example: 'plugin revoke id-mint@1.0.0 --why "it mints the same id twice"',
  flags: revokeFlags,
  args: ['reference'],
  run: (cli, flags, reference) => {
    const { id, range: version } = parseReference(reference)
    const path = `plugins/${encodeURIComponent(id)}`
    if (flags.registry !== undefined && version === undefined)
      throw new TenonError('USAGE', `name the version: ${id}@…`)
    return revoking(cli, flags, reference, {
      here: (ask, why) => ask('POST', `/admin/${path}/revoke`, { why, ...(version === undefined ? {} : { version }) }),
      there: (ask, why) => ask('POST', `/${path}/versions/${encodeURIComponent(version ?? '')}/revoke`, { why }),
    })
  },
})
