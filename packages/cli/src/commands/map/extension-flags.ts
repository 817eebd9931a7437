import { switchFlag, textsFlag } from '../../command.ts'

/** What of plugins takes part. */
export type ExtensionFlags = {
  noBuiltIns: boolean
  noPlugins: boolean
  pluginDir?: string[]
  trust?: string[]
  distrust?: string[]
}

export const extensionFlags = {
  noBuiltIns: switchFlag('Leave the built-in plugins out'),
  noPlugins: switchFlag('Leave plugins from outside out'),
  pluginDir: textsFlag('A folder to look for plugins in, in the place of the usual ones'),
  trust: textsFlag('Run this plugin in the process of sm from now on, until its files change'),
  distrust: textsFlag('Run this plugin in a process of its own again'),
}
