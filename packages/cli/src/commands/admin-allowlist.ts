import { defineCommand, textsFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Entry = { caller: string; target: string; operations: string[] }

export const adminAllowlist = defineCommand<LocationFlags & { set?: string[] }, [string, string]>({
  brief: 'Show or set which operations of a target a caller may call',
  example: 'admin allowlist user-management id-mint --set mint',
  flags: { ...locationFlags, set: textsFlag('An operation to allow; the list is replaced by all that are given') },
  args: ['caller', 'target'],
  run: (cli, { set, ...flags }, caller, target) =>
    onHost(cli, flags, async (ask) => {
      const query = new URLSearchParams({ caller, target })
      const entry = (
        set === undefined
          ? await ask('GET', `/admin/operator/allowlist?${query.toString()}`)
          : await ask('PUT', '/admin/operator/allowlist', { caller, target, operations: set })
      ) as Entry
      return { data: entry, text: `${caller} may call of ${target}: ${entry.operations.join(', ') || 'nothing'}` }
    }),
})
