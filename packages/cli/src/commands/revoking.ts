import { TenonError } from '@tenon/contract'
import type { Ask } from '../compose/asker.ts'
import { textFlag, type Cli } from '../command.ts'
import { inline } from '../printer.ts'
import type { Result } from '../result.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export type RevokeFlags = LocationFlags & { why?: string; registry?: string }

export const revokeFlags = {
  ...locationFlags,
  why: textFlag('Why, for everybody who meets it'),
  registry: textFlag('Revoke at this registry, for everybody, by the token in TENON_TOKEN; else on this machine'),
}

/** Revokes on this machine, or at the registry that was named. */
export function revoking(
  cli: Cli,
  { why, registry, ...flags }: RevokeFlags,
  what: string,
  at: { here: (ask: Ask, why: string) => Promise<unknown>; there: (ask: Ask, why: string) => Promise<unknown> },
): Promise<Result> {
  if (why === undefined) throw new TenonError('USAGE', 'say --why it is revoked')
  const resultOf = (data: unknown, where: string): Result => ({ data, text: `${inline(what)} is revoked ${where}` })
  if (registry === undefined)
    return onHost(cli, flags, async (ask) => resultOf(await at.here(ask, why), 'on this machine'))
  return import('../compose/registry-asker.ts').then(async ({ registryAsker }) =>
    resultOf(await at.there(registryAsker(cli, registry), why), `at ${inline(registry)}`),
  )
}
