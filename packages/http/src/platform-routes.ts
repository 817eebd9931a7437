import Type from 'typebox'
import type { World } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import type { RequestMetrics } from './metrics.ts'
import { openApiDocument, type Documented } from './openapi.ts'
import { bytes, routesFor, type Route } from './route.ts'

const healthSchema = closed({
  status: Type.Literal('healthy'),
  timestamp: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
  version: Type.String(),
})

const route = routesFor<never>()

/** What every face serves about itself. */
export function platformRoutes(face: Documented, metrics: RequestMetrics, world: World): Route<never>[] {
  const health = route({
    method: 'GET',
    path: '/health',
    summary: 'Whether this server answers',
    admits: 'open',
    answers: { 200: healthSchema },
  }).handle(() => ({
    status: 200,
    body: { status: 'healthy', timestamp: new Date(world.now()).toISOString(), version: face.version },
  }))
  const counted = route({
    method: 'GET',
    path: '/metrics',
    summary: 'Counters in the Prometheus text format',
    admits: 'open',
    answers: { 200: bytes(metrics.contentType) },
  }).handle(async () => ({ status: 200, body: await metrics.text() }))
  const described = route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    admits: 'open',
    answers: { 200: Type.Record(Type.String(), Type.Unknown()) },
  }).handle(() => ({ status: 200, body: document }))
  const document = openApiDocument({ ...face, routes: [...face.routes, health, counted, described] })
  return [health, counted, described]
}
