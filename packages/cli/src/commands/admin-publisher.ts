import { TenonError } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'

export const adminPublisher = defineCommand<{ registry?: string }, [string]>({
  brief: 'Make a publisher token of a registry; the operator token is read from TENON_TOKEN',
  example: 'admin publisher acme --registry http://127.0.0.1:7420/registry',
  flags: { registry: textFlag('URL of the registry (default: TENON_REGISTRY_URL)') },
  args: ['publisher'],
  async run({ world }, { registry = world.env['TENON_REGISTRY_URL'] }, publisher) {
    const token = world.env['TENON_TOKEN']
    if (registry === undefined || token === undefined)
      throw new TenonError('USAGE', 'the registry and its operator token are needed', {
        hint: 'Set TENON_TOKEN, and TENON_REGISTRY_URL or --registry.',
      })
    const { askerOf } = await import('../compose/asker.ts')
    const made = (await askerOf(registry, token)('POST', `/publishers/${encodeURIComponent(publisher)}/tokens`)) as {
      token: string
    }
    return { data: made, text: `token of ${publisher}, shown this once: ${made.token}` }
  },
})
