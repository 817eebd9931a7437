import Type from 'typebox'
import { FOREIGN_ID_PATTERN, limits, ULID_PATTERN } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { routesFor, type Route } from '@tenon/http'
import type { Host } from '../host.ts'
import type { OverrideRecord } from '../override-table.ts'
import { actorOf, type HostPrincipal } from '../principal.ts'

const route = routesFor<HostPrincipal>()
const text = Type.String()
const idParams = Type.Object({ id: Type.String({ pattern: ULID_PATTERN }) })
const override = closed({
  id: text,
  state: Type.Enum(['requested', 'approved', 'revoked', 'expired']),
  plugin: text,
  digest: text,
  finding: text,
  why: text,
  requestedBy: text,
  requestedAt: text,
  expiresAt: text,
  approvedBy: Type.Optional(text),
  approvedAt: Type.Optional(text),
  revokedBy: Type.Optional(text),
  revokedAt: Type.Optional(text),
})

/** False alarms: what speaks against one very bundle does not count, for a time, by the word of administrators. */
export const overrideRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/admin/overrides',
    summary: 'Every override that was asked for, the newest first',
    admits: ['admin'],
    answers: { 200: closed({ overrides: Type.Array(override) }) },
  }).handle(() => ({ status: 200, body: { overrides: host.overrides.list().map((one) => documentOf(host, one)) } })),
  route({
    method: 'POST',
    path: '/admin/overrides',
    summary:
      'Asks that a finding does not count for an installed bundle; with one administrator it is approved at once',
    admits: ['admin'],
    body: closed({
      plugin: Type.String({ pattern: FOREIGN_ID_PATTERN }),
      digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
      finding: Type.String({ maxLength: 64 }),
      why: Type.String({ minLength: 1, maxLength: limits.whyLength }),
      lifetimeMs: Type.Integer({ minimum: 0 }),
    }),
    answers: { 201: override },
  }).handle(async ({ body, principal, traceId }) => {
    const by = { actor: actorOf(principal), traceId }
    return { status: 201, body: documentOf(host, await host.overrides.request(body, by)) }
  }),
  ...(['approve', 'revoke'] as const).map((step) =>
    route({
      method: 'POST',
      path: `/admin/overrides/{id}/${step}`,
      summary: SUMMARIES[step],
      admits: ['admin'],
      params: idParams,
      answers: { 200: override },
    }).handle(async ({ params, principal, traceId }) => {
      const done = await host.overrides[step](params.id, { actor: actorOf(principal), traceId })
      return { status: 200, body: documentOf(host, done) }
    }),
  ),
]

const SUMMARIES = {
  approve: 'Puts an override in force, by another administrator than the one who asked for it',
  revoke: 'Ends an override, or what was asked for, and what runs only by it',
}

const timeOf = (ms: number): string => new Date(ms).toISOString()

const documentOf = (host: Host, record: OverrideRecord) => {
  const { requestedAt, expiresAt, approvedBy, approvedAt, revokedBy, revokedAt, ...rest } = record
  return {
    ...{
      ...rest,
      state: host.overrides.stateOf(record),
      requestedAt: timeOf(requestedAt),
      expiresAt: timeOf(expiresAt),
    },
    ...(approvedBy === undefined || approvedAt === undefined ? {} : { approvedBy, approvedAt: timeOf(approvedAt) }),
    ...(revokedBy === undefined || revokedAt === undefined ? {} : { revokedBy, revokedAt: timeOf(revokedAt) }),
  }
}
