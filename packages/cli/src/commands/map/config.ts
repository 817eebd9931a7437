import { buildRouteMap } from '@stricli/core'
import { configGet } from './config-get.ts'
import { configList } from './config-list.ts'
import { configReset } from './config-reset.ts'
import { configSet } from './config-set.ts'
import { configShow } from './config-show.ts'

export const mapConfigVerbs = buildRouteMap({
  routes: { list: configList, get: configGet, set: configSet, reset: configReset, show: configShow },
  docs: { brief: 'The settings of a map, in layers' },
})
