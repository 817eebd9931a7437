import { defineCommand } from '../command.ts'
import { serveFlags, type ServeFlags } from './serve-flags.ts'

export const hostServe = defineCommand<ServeFlags>({
  brief: 'Serve a host over a workspace, with its console',
  example: 'host serve --workspace . --port 0',
  flags: serveFlags,
  async run(cli, flags) {
    const { serveHost } = await import('../compose/serve.ts')
    return serveHost(cli, flags)
  },
})
