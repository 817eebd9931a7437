import { defineCommand } from '../command.ts'
import { revokeFlags, revoking, type RevokeFlags } from './revoking.ts'

export const keyRevoke = defineCommand<RevokeFlags, [string]>({
  brief: 'Revoke a signing key for ever: nothing that it ever signed starts any more, and what runs by it ends',
  example: 'key revoke sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 --why "it was stolen"',
  flags: revokeFlags,
  args: ['keyId'],
  run: (cli, flags, keyId) =>
    revoking(cli, flags, keyId, {
      here: (ask, why) => ask('POST', `/admin/keys/${encodeURIComponent(keyId)}/revoke`, { why }),
      there: (ask, why) => ask('POST', `/keys/${encodeURIComponent(keyId)}/revoke`, { why }),
    }),
})
