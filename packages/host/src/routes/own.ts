import { TenonError } from '@tenon/contract'
import { recordingRefusal } from '../audited.ts'
import type { Host } from '../host.ts'
import { actorOf, type PluginPrincipal } from '../principal.ts'

/** Identity comes from the token: a plugin speaks for itself only. */
export function refuseOther(
  { audit }: Host,
  { principal, traceId }: { principal: PluginPrincipal; traceId: string },
  id: string,
  action: string,
): Promise<void> {
  const attempt = { actor: actorOf(principal), action, target: id, traceId }
  return recordingRefusal(
    audit,
    () => attempt,
    async () => {
      if (principal.id !== id)
        throw new TenonError('PERMISSION_DENIED', `the token of "${principal.id}" does not speak for "${id}"`)
    },
  )
}
