import { defineCommand, switchFlag } from '../command.ts'
import { columns } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Key = { keyId: string; publisher: string; source: string; revoked: boolean }
type Revocation = { kind: string; digest: string; at: string; why: string }
type Known = { here: Revocation[]; heard: { registry: string; revocations: Revocation[] }[] }

export const keyList = defineCommand<LocationFlags & { ask: boolean }>({
  brief: 'List the keys that may sign on this machine, and all that is known to be revoked',
  example: 'key list --ask',
  flags: { ...locationFlags, ask: switchFlag('First ask the registries of installed plugins what they have revoked') },
  run: (cli, { ask: first, ...flags }) =>
    onHost(cli, flags, async (ask) => {
      const { here, heard } = (await ask(first ? 'POST' : 'GET', '/admin/revocations')) as Known
      const { keys } = (await ask('GET', '/admin/keys')) as { keys: Key[] }
      const keyRows = keys.map(({ keyId, publisher, source, revoked }) => [
        ...[keyId, publisher, source],
        revoked ? 'revoked' : '',
      ])
      const rows = [
        ...here.map((one) => ({ ...one, by: 'this machine' })),
        ...heard.flatMap(({ registry, revocations }) => revocations.map((one) => ({ ...one, by: registry }))),
      ].map(({ kind, digest, at, by, why }) => [kind, digest, at, by, why])
      const lines = [
        keyRows.length === 0 ? 'no keys' : columns(['KEY', 'MAY SIGN FOR', 'ON THE WORD OF', ''], keyRows),
        rows.length === 0 ? 'nothing is revoked' : columns(['REVOKED', 'DIGEST', 'AT', 'BY', 'WHY'], rows),
      ]
      return { data: { keys, here, heard }, text: lines.join('\n') }
    }),
})
