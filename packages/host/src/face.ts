import { TenonError } from '@tenon/contract'
import type { Face, Incoming } from '@tenon/http'
import type { Host } from './host.ts'
import type { HostPrincipal } from './principal.ts'
import { adminRoutes } from './routes/admin.ts'
import { gatewayRoutes } from './routes/gateway.ts'
import { messagingRoutes } from './routes/messaging.ts'
import { pluginRoutes } from './routes/plugins.ts'
import { SESSION_COOKIE, sessionRoutes } from './routes/session.ts'

/** What the host offers over HTTP. */
export const hostFace = (host: Host): Face<HostPrincipal> => ({
  title: 'Tenon host',
  routes: [
    ...pluginRoutes(host),
    ...sessionRoutes(host),
    ...adminRoutes(host),
    ...messagingRoutes(host),
    ...gatewayRoutes(host),
  ],
  principals: {
    plugin: [{ type: 'http', scheme: 'bearer', description: 'The token that registration answered' }],
    admin: [
      { type: 'http', scheme: 'bearer', description: 'The administrator token' },
      { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'A session of the console' },
    ],
  },
  authenticate: (incoming) => authenticate(host, incoming),
})

async function authenticate(host: Host, incoming: Incoming): Promise<HostPrincipal> {
  try {
    return await principalOf(host, incoming)
  } catch (thrown) {
    const { traceId, method, url } = incoming
    await host.audit.record({
      actor: 'unknown',
      action: 'http.authenticate',
      target: `${method} ${url.replace(/\?.*$/, '')}`,
      decision: 'deny',
      reason: thrown instanceof TenonError ? thrown.code : 'INTERNAL',
      traceId,
    })
    throw thrown
  }
}

async function principalOf(host: Host, { headers }: Incoming): Promise<HostPrincipal> {
  const bearer = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
  const session = new RegExp(`(?:^|; )${SESSION_COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1]
  if (bearer === undefined) {
    const principal = session === undefined ? undefined : host.administrator.bySession(session)
    if (principal !== undefined) return principal
    throw new TenonError('TOKEN_INVALID', 'the request shows no token', { hint: 'Send "Authorization: Bearer …".' })
  }
  const administrator = host.administrator.byToken(bearer)
  if (administrator !== undefined) return administrator
  const claims = await host.tokens.readPlugin(bearer)
  if (host.table.get(claims.id)?.tokenId === claims.tokenId) return { kind: 'plugin', id: claims.id }
  throw new TenonError('TOKEN_INVALID', 'the token is no longer good', { hint: 'Register again.' })
}
