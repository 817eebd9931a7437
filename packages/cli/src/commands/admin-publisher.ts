import { defineCommand } from '../command.ts'
import { registryFlag } from './location-flags.ts'

export const adminPublisher = defineCommand<{ registry?: string }, [string]>({
  brief: 'Make a publisher token of a registry; the operator token is read from TENON_TOKEN',
  example: 'admin publisher acme --registry http://127.0.0.1:7420/registry',
  flags: { registry: registryFlag },
  args: ['publisher'],
  async run(cli, { registry }, publisher) {
    const { registryAsker } = await import('../compose/registry-asker.ts')
    const ask = registryAsker(cli, registry)
    const made = (await ask('POST', `/publishers/${encodeURIComponent(publisher)}/tokens`)) as { token: string }
    return { data: made, text: `token of ${publisher}, shown this once: ${made.token}` }
  },
})
