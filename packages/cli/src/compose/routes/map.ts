import Type from 'typebox'
import { closed } from '@tenon/contract/schema'
import type { HostPrincipal } from '@tenon/host'
import { routesFor, type Route } from '@tenon/http'
import { scanResultSchema } from '@tenon/map'
import { mapOf } from '../map-process.ts'
import type { WorkspacePorts } from '../workspace-ports.ts'

const route = routesFor<HostPrincipal>()

const flag = (description: string) => Type.Optional(Type.Boolean({ description }))

/** As `sm scan` takes it; what is left open the settings of the workspace's map say. */
const scanWish = closed({
  root: Type.Optional(
    Type.String({
      pattern: '^/',
      description: 'The folder; else those of the settings, else those scanned last, else the workspace',
    }),
  ),
  changed: flag('Finds out anew only what changed since the scan before (default: true)'),
  verify: flag('With it, reads every file, whatever its time of change says'),
  allowEmpty: flag('Keeps an empty graph in the place of one that is not'),
  dryRun: flag('Keeps nothing'),
  strict: flag('Makes complaints about front matter and settings errors'),
  noTokens: flag('Counts no tokens'),
})

/** The map of a workspace over HTTP, under the paths of skill-map's own API. */
export function mapRoutes(ports: WorkspacePorts): Route<HostPrincipal>[] {
  const { host, installations } = ports
  const map = mapOf({
    ...ports,
    audit: host.audit,
    active: () => host.table.list().filter(({ status }) => status === 'active'),
    admit: host.admissions.admit,
    installed: installations.installed,
    authority: host.authority,
    chosenFor: host.settings.chosenFor,
  })
  return [
    route({
      method: 'GET',
      path: '/map/api/scan',
      summary: 'The graph as it was scanned last',
      admits: ['admin'],
      answers: { 200: scanResultSchema },
    }).handle(async () => ({ status: 200, body: await map.last() })),
    route({
      method: 'POST',
      path: '/map/api/scan',
      summary: 'Scans by the settings of the workspace, and keeps the graph and what map plugins keep',
      admits: ['admin'],
      body: scanWish,
      answers: { 200: scanResultSchema },
    }).handle(async ({ body }) => ({ status: 200, body: await map.scan(body) })),
  ]
}
