import { buildRouteMap } from '@stricli/core'
import { hooksInstall } from './hooks-install.ts'

export const mapHooksVerbs = buildRouteMap({
  routes: { install: hooksInstall },
  docs: { brief: 'What git does for a map' },
})
