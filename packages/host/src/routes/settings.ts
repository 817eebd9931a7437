import Type from 'typebox'
import { ID_PATTERN, type Json } from '@tenon/contract'
import { closed, problemsSchema, settingSchema } from '@tenon/contract/schema'
import { routesFor, type Route } from '@tenon/http'
import type { Host } from '../host.ts'
import { actorOf, type HostPrincipal } from '../principal.ts'
import { idParams } from './documents.ts'
import { refuseOther } from './own.ts'

const route = routesFor<HostPrincipal>()

const environment = Type.Optional(Type.String({ pattern: ID_PATTERN, maxLength: 64 }))
const settingId = Type.String({ pattern: ID_PATTERN })
const values = Type.Record(settingId, Type.Unknown(), { additionalProperties: false })

const configDocument = closed({
  version: Type.Integer(),
  settings: Type.Record(
    Type.String(),
    closed({
      declaration: settingSchema,
      source: Type.Enum(['variable', 'environment', 'stored', 'default', 'unset']),
      value: Type.Optional(Type.Unknown()),
    }),
  ),
  problems: problemsSchema,
})

const changeDocument = closed({
  version: Type.Integer(),
  at: Type.String(),
  who: Type.String(),
  why: Type.String(),
  environment,
  changed: Type.Record(
    Type.String(),
    closed({ from: Type.Optional(Type.Unknown()), to: Type.Optional(Type.Unknown()) }),
  ),
})

/** The settings of plugins: operators see and change them, a plugin reads its own. */
export const settingsRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/workspace/config/{id}',
    summary: 'The settings of a plugin, where each comes from, and what is wrong with them; no secret has a value',
    admits: ['admin'],
    params: idParams,
    query: closed({ environment }),
    answers: { 200: configDocument },
  }).handle(async ({ params, query }) => ({
    status: 200,
    body: await host.settings.view(params.id, query.environment),
  })),
  route({
    method: 'PUT',
    path: '/workspace/config/{id}',
    summary:
      'Changes settings of a plugin, everywhere or in one environment, tells the plugin and publishes host.config.changed; null takes one back',
    admits: ['admin'],
    params: idParams,
    body: closed({ settings: values, why: Type.String({ minLength: 1, maxLength: 512 }), environment }),
    answers: {
      200: closed({
        version: Type.Integer(),
        plugin: Type.Enum(['told', 'restarting', 'not running', 'unchanged']),
      }),
    },
  }).handle(async ({ params, body, principal, traceId }) => {
    const change = { settings: body.settings as Record<string, Json>, why: body.why, environment: body.environment }
    const by = { actor: actorOf(principal), traceId }
    return { status: 200, body: await host.settings.change(params.id, change, by) }
  }),
  route({
    method: 'GET',
    path: '/workspace/config/{id}/history',
    summary: 'Who changed which settings of a plugin from what to what, when and why; of secrets only that',
    admits: ['admin'],
    params: idParams,
    answers: { 200: closed({ changes: Type.Array(changeDocument) }) },
  }).handle(async ({ params }) => ({ status: 200, body: { changes: await host.settings.history(params.id) } })),
  route({
    method: 'GET',
    path: '/plugins/{id}/config',
    summary: "The plugin's own settings, as they are for it on this host",
    admits: ['plugin'],
    params: idParams,
    answers: { 200: values },
  }).handle(async ({ params, ...asked }) => {
    await refuseOther(host, asked, params.id, 'config.read')
    return { status: 200, body: await host.settings.ofPlugin(params.id) }
  }),
]
