import Type from 'typebox'
import { closed } from '@tenon/contract/schema'
import type { HostPrincipal } from '@tenon/host'
import { routesFor, type Route } from '@tenon/http'
import { scanResultSchema } from '@tenon/map'
import { mapOf } from '../map-process.ts'
import type { WorkspacePorts } from '../workspace-ports.ts'

const route = routesFor<HostPrincipal>()

/** The map of a workspace over HTTP, under the paths of skill-map's own API. */
export function mapRoutes(ports: WorkspacePorts): Route<HostPrincipal>[] {
  const map = mapOf({
    ...ports,
    audit: ports.events.ledger,
    active: () => ports.host.table.list().filter(({ status }) => status === 'active'),
    admit: ports.host.admissions.admit,
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
      summary: 'Scans a folder, by default the one scanned last, and keeps the graph',
      admits: ['admin'],
      body: closed({ root: Type.Optional(Type.String({ pattern: '^/' })) }),
      answers: { 200: scanResultSchema },
    }).handle(async ({ body }) => ({ status: 200, body: await map.scan(body.root) })),
  ]
}
