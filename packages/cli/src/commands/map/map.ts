import { buildRouteMap, type RouteMap } from '@stricli/core'
import type { CliContext } from '../../command.ts'
import { mapActionsList } from './actions-list.ts'
import { mapActionsShow } from './actions-show.ts'
import { mapBump } from './bump.ts'
import { mapCheck } from './check.ts'
import { mapCompareWith } from './compare-with.ts'
import { mapConfigVerbs } from './config.ts'
import { mapConformance } from './conformance.ts'
import { mapDbVerbs } from './db.ts'
import { mapDoctor } from './doctor.ts'
import { mapExport } from './export.ts'
import { mapGraph } from './graph.ts'
import { mapHelp } from './help.ts'
import { mapHistory } from './history.ts'
import { mapHistoryStats } from './history-stats.ts'
import { mapHooksVerbs } from './hooks.ts'
import { mapInit } from './init.ts'
import { mapList } from './list.ts'
import { NOT_BUILT } from './not-built.ts'
import { mapOrphans } from './orphans.ts'
import { mapPlugins } from './plugins.ts'
import { mapRefresh } from './refresh.ts'
import { mapScan } from './scan.ts'
import { mapShow } from './show.ts'
import { mapSidecarVerbs } from './sidecar.ts'
import { mapTutorial } from './tutorial.ts'
import { verbDocs, type Verb } from './verb-docs.ts'
import { verbWithParts } from './verb-with-parts.ts'
import { mapVersion } from './version.ts'
import { mapWatch } from './watch.ts'

/** The verbs by what they are for, which is how "help" tells them. */
const CATEGORIES: Record<string, Record<string, Verb>> = {
  Setup: { init: mapInit, tutorial: mapTutorial, doctor: mapDoctor },
  Scan: {
    scan: verbWithParts(mapScan, { compareWith: mapCompareWith }),
    watch: mapWatch,
    refresh: mapRefresh,
    orphans: mapOrphans,
  },
  Browse: { list: mapList, show: mapShow, check: mapCheck, graph: mapGraph, export: mapExport },
  Actions: {
    actions: buildRouteMap({
      routes: { list: mapActionsList, show: mapActionsShow },
      docs: { brief: 'What can be done to nodes' },
    }),
    history: verbWithParts(mapHistory, { stats: mapHistoryStats }),
  },
  Sidecars: { bump: mapBump, sidecar: mapSidecarVerbs, hooks: mapHooksVerbs },
  Configuration: { config: mapConfigVerbs, plugins: mapPlugins },
  Database: { db: mapDbVerbs },
  Introspection: {
    version: mapVersion,
    conformance: mapConformance,
    help: mapHelp(() =>
      Object.entries(CATEGORIES).flatMap(([category, verbs]) =>
        Object.entries(verbs).flatMap(([name, verb]) => verbDocs(name, category, verb)),
      ),
    ),
  },
}

/** The verbs of `tenon map`, which `sm` has by itself. */
export const map: RouteMap<CliContext> = buildRouteMap({
  routes: Object.assign({}, ...Object.values(CATEGORIES), NOT_BUILT) as Record<string, Verb>,
  docs: {
    brief: 'The graph of a workspace of agent files (= sm)',
    hideRoute: Object.fromEntries(Object.keys(NOT_BUILT).map((name) => [name, true])),
  },
})
