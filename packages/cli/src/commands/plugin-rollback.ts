import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const pluginRollback = defineCommand<LocationFlags>({
  brief: 'Put what was installed before in force again, if that can use what is stored',
  example: 'plugin rollback',
  flags: locationFlags,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const restored = (await ask('POST', '/workspace/rollback')) as {
        generation: number
        plugins: Record<string, string>
      }
      const lines = Object.entries(restored.plugins).map(([id, version]) => `  ${id} ${version}`)
      return { data: restored, text: [`generation ${restored.generation} is in force again`, ...lines].join('\n') }
    }),
})
