import Type from 'typebox'
import { FOREIGN_ID_PATTERN, TenonError, type Json } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import type { HostPrincipal } from '@tenon/host'
import { routesFor, type Route } from '@tenon/http'
import { runRecordSchema } from '@tenon/runner'
import { listRuns, startRun } from '../runs.ts'
import type { WorkspacePorts } from '../workspace-ports.ts'

const route = routesFor<HostPrincipal>()
const folder = Type.String({ pattern: '^/' })

/** Dataset runs over HTTP. Folders are those of the machine that the host runs on. */
export const runRoutes = (ports: WorkspacePorts): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/runs',
    summary: 'Runs a plugin over a dataset and answers the record once it has ended',
    admits: ['admin'],
    body: closed({
      plugin: Type.String({ pattern: FOREIGN_ID_PATTERN }),
      dataset: folder,
      out: folder,
      work: Type.Optional(folder),
      config: Type.Optional(Type.Unknown()),
      dryRun: Type.Optional(Type.Boolean()),
    }),
    answers: { 200: closed({ record: runRecordSchema, recordPath: Type.String(), target: Type.String() }) },
  }).handle(async ({ body: { config = {}, ...wish }, signal }) => ({
    status: 200,
    body: await startRun(ports, { ...wish, config: config as Json }, signal),
  })),
  route({
    method: 'GET',
    path: '/runs',
    summary: 'Lists the runs of this workspace, newest first',
    admits: ['admin'],
    answers: { 200: closed({ runs: Type.Array(runRecordSchema) }) },
  }).handle(async () => ({ status: 200, body: { runs: await listRuns(ports.locations) } })),
  route({
    method: 'GET',
    path: '/runs/{id}',
    summary: 'Shows the record of one run',
    admits: ['admin'],
    params: Type.Object({ id: Type.String() }),
    answers: { 200: runRecordSchema },
  }).handle(async ({ params }) => {
    const record = (await listRuns(ports.locations)).find(({ run_id }) => run_id === params.id)
    if (record === undefined)
      throw new TenonError('RUN_UNKNOWN', `there is no run ${params.id}`, { hint: 'GET /runs lists them.' })
    return { status: 200, body: record }
  }),
]
