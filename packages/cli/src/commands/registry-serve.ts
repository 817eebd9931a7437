import { defineCommand } from '../command.ts'
import { serveFlags, type ServeFlags } from './serve-flags.ts'

export const registryServe = defineCommand<ServeFlags>({
  brief: 'Serve a registry',
  example: 'registry serve --data-dir registry --port 0',
  flags: serveFlags,
  async run(cli, flags) {
    const { serveRegistry } = await import('../compose/serve.ts')
    return serveRegistry(cli, flags)
  },
})
