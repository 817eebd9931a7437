import { defineCommand, switchFlag } from '../command.ts'
import { hostFlags, type HostFlags } from './serve-flags.ts'

export const up = defineCommand<HostFlags & { once: boolean }>({
  brief: 'Bring up registry, host and console on loopback, with the sample plugins installed and at work',
  example: 'up --once',
  flags: { ...hostFlags, once: switchFlag('Do everything, print a summary and end') },
  async run(cli, flags) {
    const { bringUp } = await import('../compose/up.ts')
    return bringUp(cli, flags)
  },
})
