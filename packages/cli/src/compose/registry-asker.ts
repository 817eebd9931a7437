import { TenonError } from '@tenon/contract'
import type { Cli } from '../command.ts'
import { askerOf, type Ask } from './asker.ts'

/** Speaks with a registry, by default that of TENON_REGISTRY_URL, as the holder of TENON_TOKEN. */
export function registryAsker({ io, world }: Cli, registry: string | undefined = world.env['TENON_REGISTRY_URL']): Ask {
  const token = world.env['TENON_TOKEN']
  if (registry === undefined || token === undefined)
    throw new TenonError('USAGE', 'the registry and a token for it are needed', {
      hint: 'Set TENON_TOKEN, and TENON_REGISTRY_URL or --registry.',
    })
  return askerOf({ url: registry, token, signal: io.signal, unreachable: 'REGISTRY_UNREACHABLE' })
}
