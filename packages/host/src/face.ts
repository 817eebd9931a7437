import { TenonError } from '@tenon/contract'
import type { Face, Incoming } from '@tenon/http'
import { bearerOf, SESSION_COOKIE, sessionOf } from './bearer.ts'
import type { Host } from './host.ts'
import type { HostPrincipal } from './principal.ts'
import { adminRoutes } from './routes/admin.ts'
import { gatewayRoutes } from './routes/gateway.ts'
import { messagingRoutes } from './routes/messaging.ts'
import { overrideRoutes } from './routes/overrides.ts'
import { pluginRoutes } from './routes/plugins.ts'
import { settingsRoutes } from './routes/settings.ts'
import { sessionRoutes } from './routes/session.ts'
import { userRoutes } from './routes/users.ts'

/** What the host offers over HTTP. */
export const hostFace = (host: Host): Face<HostPrincipal> => ({
  title: 'Tenon host',
  routes: [
    ...pluginRoutes(host),
    ...sessionRoutes(host),
    ...adminRoutes(host),
    ...settingsRoutes(host),
    ...userRoutes(host),
    ...overrideRoutes(host),
    ...messagingRoutes(host),
    ...gatewayRoutes(host),
  ],
  principals: {
    plugin: [{ type: 'http', scheme: 'bearer', description: 'The token that registration answered' }],
    admin: [
      { type: 'http', scheme: 'bearer', description: 'The token of an administrator' },
      { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'A session of the console' },
    ],
  },
  authenticate: (incoming) => principalOf(host, incoming),
  onRefused: ({ traceId, method, url }, { code }) =>
    host.audit.record({
      actor: 'unknown',
      action: 'http.authenticate',
      target: `${method} ${url.replace(/\?.*$/, '').slice(0, TARGET_LENGTH_MAX)}`,
      decision: 'deny',
      reason: code,
      traceId,
    }),
})

const TARGET_LENGTH_MAX = 512

async function principalOf(host: Host, { headers }: Incoming): Promise<HostPrincipal> {
  const bearer = bearerOf(headers)
  if (bearer === undefined) {
    const session = sessionOf(headers)
    const principal = session === undefined ? undefined : host.administrator.bySession(session)
    if (principal !== undefined) return principal
    throw new TenonError('TOKEN_INVALID', 'the request shows no token that is good', {
      hint: 'Send "Authorization: Bearer …".',
    })
  }
  const administrator = host.administrator.byToken(bearer)
  if (administrator !== undefined) return administrator
  const claims = await host.tokens.readPlugin(bearer)
  if (host.table.get(claims.id)?.tokenId === claims.tokenId) return { kind: 'plugin', id: claims.id }
  throw new TenonError('TOKEN_INVALID', 'the token is no longer good', { hint: 'Register again.' })
}
