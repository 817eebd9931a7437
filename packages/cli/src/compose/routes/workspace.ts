import Type from 'typebox'
import { FOREIGN_ID_PATTERN, inTurn, type InTurn } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import type { HostPrincipal } from '@tenon/host'
import { routesFor, type Route } from '@tenon/http'
import { applyWish, grant, planWish, rollBack, workspaceView } from '../workspace.ts'
import type { WorkspacePorts } from '../workspace-ports.ts'

const route = routesFor<HostPrincipal>()
const text = Type.String()
const id = Type.String({ pattern: FOREIGN_ID_PATTERN })
const reference = Type.String({ pattern: '^([a-z0-9-]{1,64}/)?[a-z0-9_-]{1,128}$' })
const ranges = Type.Record(reference, Type.String({ minLength: 1, maxLength: 256 }), { additionalProperties: false })
const capabilities = Type.Array(Type.String({ maxLength: 512 }), { maxItems: 256 })
const grants = Type.Record(id, capabilities, { additionalProperties: false })
const change = closed({ id: text, from: Type.Optional(text), to: Type.Optional(text) })
const wish = closed({
  add: Type.Optional(ranges),
  remove: Type.Optional(Type.Array(id)),
  registry: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 2048 })),
})
const asked = closed({ capability: text, reason: text })
const installed = closed({ version: text, digest: text, signer: text, publisher: Type.Optional(text) })

/** What is installed in a workspace, changed over HTTP. Changes are made one after the other. */
export function workspaceRoutes(ports: WorkspacePorts): Route<HostPrincipal>[] {
  const turn = inTurn()
  return [viewRoute(ports), planRoute(ports), ...changeRoutes(ports, turn), grantsRoute(ports, turn)]
}

const viewRoute = (ports: WorkspacePorts): Route<HostPrincipal> =>
  route({
    method: 'GET',
    path: '/workspace',
    summary: 'What the workspace wants, has installed and grants',
    admits: ['admin'],
    answers: {
      200: closed({
        folder: text,
        generation: Type.Integer(),
        wanted: ranges,
        grants,
        plugins: Type.Record(text, installed),
      }),
    },
  }).handle(async () => ({ status: 200, body: await workspaceView(ports) }))

const planRoute = (ports: WorkspacePorts): Route<HostPrincipal> =>
  route({
    method: 'POST',
    path: '/workspace/plan',
    summary: 'What an installation would change',
    admits: ['admin'],
    body: wish,
    answers: { 200: closed({ base: Type.Integer(), changes: Type.Array(change), warnings: Type.Array(text) }) },
  }).handle(async ({ body }) => {
    const { base, changes, warnings } = await planWish(ports, body)
    return { status: 200, body: { base, changes, warnings } }
  })

const changeRoutes = (ports: WorkspacePorts, turn: InTurn): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/workspace/apply',
    summary: 'Installs what is wanted, and says which permissions the plugins ask for',
    admits: ['admin'],
    body: wish,
    answers: {
      200: closed({
        generation: Type.Integer(),
        changes: Type.Array(change),
        warnings: Type.Array(text),
        asked: Type.Record(text, Type.Array(asked)),
      }),
    },
  }).handle(async ({ body, traceId }) => ({
    status: 200,
    body: await turn(() => applyWish(ports, body, traceId)),
  })),
  route({
    method: 'POST',
    path: '/workspace/rollback',
    summary: 'Puts the generation before in force again, unless its plugins would not start over what was stored since',
    admits: ['admin'],
    answers: { 200: closed({ generation: Type.Integer(), plugins: Type.Record(text, text) }) },
  }).handle(async ({ traceId }) => ({ status: 200, body: await turn(() => rollBack(ports, traceId)) })),
]

const grantsRoute = (ports: WorkspacePorts, turn: InTurn): Route<HostPrincipal> =>
  route({
    method: 'PUT',
    path: '/workspace/grants',
    summary: 'Writes grants to tenon.json and accepts them on this machine',
    admits: ['admin'],
    body: closed({ grants }),
    answers: { 200: closed({ grants }) },
  }).handle(async ({ body, traceId }) => ({
    status: 200,
    body: await turn(() => grant(ports, body.grants, traceId)),
  }))
