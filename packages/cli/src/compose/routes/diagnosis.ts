import Type from 'typebox'
import { closed } from '@tenon/contract/schema'
import type { HostPrincipal } from '@tenon/host'
import { routesFor, type Route } from '@tenon/http'
import { LEVELS } from '@tenon/sandbox'
import type { WorkspacePorts } from '../workspace-ports.ts'

const route = routesFor<HostPrincipal>()

/** What an operator asks when something seems wrong. */
export const diagnosisRoutes = (ports: WorkspacePorts): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/ledger/verify',
    summary: 'Computes every stream of the audit ledger anew',
    admits: ['admin'],
    answers: {
      200: closed({
        ok: Type.Boolean(),
        streams: Type.Record(Type.String(), Type.Unknown()),
        broken: Type.Array(closed({ stream: Type.String(), position: Type.Integer(), why: Type.String() })),
      }),
    },
  }).handle(async () => {
    const { streams, broken } = await ports.events.ledger.verify()
    return { status: 200, body: { ok: broken.length === 0, streams, broken } }
  }),
  route({
    method: 'GET',
    path: '/workspace/levels',
    summary: 'The isolation levels of this machine, as probes found them',
    admits: ['admin'],
    answers: { 200: closed({ levels: Type.Array(Type.Object({ level: Type.String(), available: Type.Boolean() })) }) },
  }).handle(async () => ({ status: 200, body: { levels: await Promise.all(LEVELS.map(ports.levels.reportOf)) } })),
]
