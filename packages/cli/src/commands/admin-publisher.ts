import { TenonError } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { registryFlag } from './location-flags.ts'

export const adminPublisher = defineCommand<{ registry?: string }, [string]>({
  brief: 'Make a publisher token of a registry; the operator token is read from TENON_TOKEN',
  example: 'admin publisher acme --registry http://127.0.0.1:7420/registry',
  flags: { registry: registryFlag },
  args: ['publisher'],
  async run({ io, world }, { registry = world.env['TENON_REGISTRY_URL'] }, publisher) {
    const token = world.env['TENON_TOKEN']
    if (registry === undefined || token === undefined)
      throw new TenonError('USAGE', 'the registry and its operator token are needed', {
        hint: 'Set TENON_TOKEN, and TENON_REGISTRY_URL or --registry.',
      })
    const { askerOf } = await import('../compose/asker.ts')
    const ask = askerOf({ url: registry, token, signal: io.signal, unreachable: 'REGISTRY_UNREACHABLE' })
    const made = (await ask('POST', `/publishers/${encodeURIComponent(publisher)}/tokens`)) as { token: string }
    return { data: made, text: `token of ${publisher}, shown this once: ${made.token}` }
  },
})
