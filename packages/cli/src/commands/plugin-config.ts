import { buildRouteMap } from '@stricli/core'
import { pluginConfigHistory } from './plugin-config-history.ts'
import { pluginConfigSet } from './plugin-config-set.ts'
import { pluginConfigShow } from './plugin-config-show.ts'

export const pluginConfig = buildRouteMap({
  routes: { show: pluginConfigShow, set: pluginConfigSet, history: pluginConfigHistory },
  defaultCommand: 'show',
  docs: { brief: 'The settings of a plugin' },
})
