import { buildRouteMap } from '@stricli/core'
import { sidecarAnnotate } from './sidecar-annotate.ts'
import { sidecarKeys } from './sidecar-keys.ts'
import { sidecarPrune } from './sidecar-prune.ts'
import { sidecarRefresh } from './sidecar-refresh.ts'

export const mapSidecarVerbs = buildRouteMap({
  routes: { refresh: sidecarRefresh, prune: sidecarPrune, annotate: sidecarAnnotate, keys: sidecarKeys },
  docs: { brief: 'What is known of nodes besides what their authors wrote' },
})
