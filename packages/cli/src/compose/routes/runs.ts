import Type from 'typebox'
import { FOREIGN_ID_PATTERN, TenonError, type Json } from '@tenon/contract'
import { closed, runSnapshotSchema } from '@tenon/contract/schema'
import type { HostPrincipal } from '@tenon/host'
import { routesFor, type Route } from '@tenon/http'
import { runRecordSchema } from '@tenon/runner'
import { LEVELS } from '@tenon/sandbox'
import type { Runs } from '../runs.ts'

const route = routesFor<HostPrincipal>()
const text = Type.String()
const folder = Type.String({ pattern: '^/' })

/** Dataset runs over HTTP. Folders are those of the machine that the host runs on. */
export const runRoutes = (runs: Runs): Route<HostPrincipal>[] => [
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
      isolation: Type.Optional(Type.Union(LEVELS.map((level) => Type.Literal(level)))),
    }),
    answers: { 200: closed({ record: runRecordSchema, recordPath: text, logPath: text, target: text }) },
  }).handle(async ({ body: { config = {}, work = null, dryRun = false, ...wish }, signal }) => ({
    status: 200,
    body: await runs.start({ ...wish, config: config as Json, work, dryRun }, signal),
  })),
  route({
    method: 'GET',
    path: '/runs',
    summary: 'Lists the dataset runs of this workspace, and the snapshots of all runs of plugins, newest first',
    admits: ['admin'],
    answers: { 200: closed({ runs: Type.Array(runRecordSchema), snapshots: Type.Array(runSnapshotSchema) }) },
  }).handle(async () => ({ status: 200, body: { runs: await runs.list(), snapshots: await runs.snapshots() } })),
  route({
    method: 'POST',
    path: '/runs/prune',
    summary: 'Removes the snapshots and logs of runs that policy no longer keeps',
    admits: ['admin'],
    answers: { 200: closed({ removed: Type.Array(text) }) },
  }).handle(async () => ({ status: 200, body: { removed: await runs.prune() } })),
  route({
    method: 'GET',
    path: '/runs/{id}',
    summary: 'Shows the record of one run, or its snapshot where it has no record',
    admits: ['admin'],
    params: Type.Object({ id: Type.String() }),
    answers: { 200: Type.Union([runRecordSchema, runSnapshotSchema]) },
  }).handle(async ({ params }) => {
    const isMeant = ({ run_id }: { run_id: string }): boolean => run_id === params.id
    const record = (await runs.list()).find(isMeant) ?? (await runs.snapshots()).find(isMeant)
    if (record === undefined)
      throw new TenonError('RUN_UNKNOWN', `there is no run ${params.id}`, { hint: 'GET /runs lists them.' })
    return { status: 200, body: record }
  }),
]
