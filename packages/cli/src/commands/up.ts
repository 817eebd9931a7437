import { defineCommand, switchFlag } from '../command.ts'
import { serveFlags, type ServeFlags } from './serve-flags.ts'

export const up = defineCommand<ServeFlags & { once: boolean }>({
  brief: 'Bring up registry, host and console on loopback, with the sample plugins installed and at work',
  example: 'up --once',
  flags: { ...serveFlags, once: switchFlag('Do everything, print a summary and end') },
  async run(cli, flags) {
    const { bringUp } = await import('../compose/up.ts')
    return bringUp(cli, flags)
  },
})
