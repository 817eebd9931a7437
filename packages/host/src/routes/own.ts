import { TenonError } from '@tenon/contract'
import type { PluginPrincipal } from '../principal.ts'

/** Identity comes from the token: a plugin speaks for itself only. */
export function refuseOther(principal: PluginPrincipal, id: string): void {
  if (principal.id !== id)
    throw new TenonError('PERMISSION_DENIED', `the token of "${principal.id}" does not speak for "${id}"`)
}
