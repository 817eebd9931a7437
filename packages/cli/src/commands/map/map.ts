import { buildRouteMap } from '@stricli/core'
import { mapConfigVerbs } from './config.ts'
import { mapScan } from './scan.ts'

/** The verbs of `tenon map`, which `sm` has by itself. */
export const map = buildRouteMap({
  routes: {
    scan: mapScan,
    config: mapConfigVerbs,
  },
  docs: { brief: 'The graph of a workspace of agent files (= sm)' },
})
