import { createHash, timingSafeEqual } from 'node:crypto'
import { limits, TenonError, type Audit, type World } from '@tenon/contract'
import type { PluginTable } from './plugin-table.ts'
import type { AdminPrincipal } from './principal.ts'

const ADMINISTRATOR: AdminPrincipal = { kind: 'admin', name: 'administrator', traits: ['admin'] }

export type Administrator = {
  /**
   * Makes the administrator token if there is none yet, or a new one in the place of that which is lost; it is told
   * once and only its hash is kept.
   */
  makeToken(replacing?: boolean): Promise<string | undefined>
  /** A token good only as long as this process runs, for work that it does itself. */
  lendToken(): string
  /** Who holds this token; undefined when nobody does. */
  byToken(token: string): AdminPrincipal | undefined
  openSession(token: string): { session: string; principal: AdminPrincipal }
  bySession(session: string): AdminPrincipal | undefined
  closeSession(session: string): void
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

export function administratorOf(table: PluginTable, audit: Audit, world: World): Administrator {
  const sessions = new Map<string, number>()
  const lent = new Set<string>()
  const newToken = (): string => Buffer.from(world.random(32)).toString('base64url')
  const byToken = (token: string): AdminPrincipal | undefined => {
    if (lent.has(hashOf(token).toString('hex'))) return ADMINISTRATOR
    const kept = table.tokenHash('administrator')
    return kept !== undefined && timingSafeEqual(Buffer.from(kept, 'hex'), hashOf(token)) ? ADMINISTRATOR : undefined
  }
  return {
    byToken,
    makeToken: async (replacing = false) => {
      const isFirst = table.tokenHash('administrator') === undefined
      if (!isFirst && !replacing) return undefined
      const token = newToken()
      await audit.record({
        ...{ actor: 'host', action: 'administrator.token', target: 'administrator', decision: 'allow' },
        ...{ reason: isFirst ? 'made' : 'replaced', traceId: world.newId() },
      })
      table.setTokenHash('administrator', hashOf(token).toString('hex'))
      return token
    },
    lendToken: () => {
      const token = newToken()
      lent.add(hashOf(token).toString('hex'))
      return token
    },
    openSession: (token) => {
      const principal = byToken(token)
      if (principal === undefined) throw new TenonError('TOKEN_INVALID', 'this is not the administrator token')
      for (const [known, expires] of sessions) if (expires <= world.now()) sessions.delete(known)
      const session = newToken()
      sessions.set(session, world.now() + limits.sessionLifetimeMs)
      return { session, principal }
    },
    bySession: (session) => {
      const expires = sessions.get(session)
      return expires !== undefined && expires > world.now() ? ADMINISTRATOR : undefined
    },
    closeSession: (session) => void sessions.delete(session),
  }
}
