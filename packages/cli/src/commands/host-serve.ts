import { defineCommand } from '../command.ts'
import { hostFlags, type HostFlags } from './serve-flags.ts'

export const hostServe = defineCommand<HostFlags>({
  brief: 'Serve a host over a workspace, with its console',
  example: 'host serve --workspace . --port 0',
  flags: hostFlags,
  async run(cli, flags) {
    const { serveHost } = await import('../compose/serve.ts')
    return serveHost(cli, flags)
  },
})
