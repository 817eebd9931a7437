import { textsFlag } from '../../command.ts'

export type PluginFlags = { pluginDir?: string[] }

export const pluginFlags = {
  pluginDir: textsFlag('A folder to look for plugins in, in the place of the usual ones'),
} as const
