import { createHash, timingSafeEqual } from 'node:crypto'
import { limits, TenonError, type Audit, type World } from '@tenon/contract'
import { recordingRefusal, type By } from './audited.ts'
import type { PluginTable } from './plugin-table.ts'
import type { AdminPrincipal } from './principal.ts'

/** Who there always is: whoever runs the host. */
const FIRST = 'administrator'

const principalOf = (name: string): AdminPrincipal => ({ kind: 'admin', name, traits: ['admin'] })

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
  /** The names of all administrators. */
  names(): string[]
  /** Makes another administrator, and the token that it is known by, which is told once. */
  add(name: string, by: By): Promise<string>
  /** Takes an administrator's token and sessions away. */
  remove(name: string, by: By): Promise<void>
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

export function administratorOf(table: PluginTable, audit: Audit, world: World): Administrator {
  const sessions = new Map<string, { name: string; expires: number }>()
  const lent = new Set<string>()
  const newToken = (): string => Buffer.from(world.random(32)).toString('base64url')
  const names = (): string[] => [...new Set([FIRST, ...table.tokenHashes().map(({ name }) => name)])]
  const byToken = (token: string): AdminPrincipal | undefined => {
    const hash = hashOf(token)
    if (lent.has(hash.toString('hex'))) return principalOf(FIRST)
    const holder = table.tokenHashes().find((kept) => timingSafeEqual(Buffer.from(kept.hash, 'hex'), hash))
    return holder && principalOf(holder.name)
  }
  const kept = (name: string): string => {
    const token = newToken()
    table.setTokenHash(name, hashOf(token).toString('hex'))
    return token
  }
  return {
    byToken,
    names,
    makeToken: async (replacing = false) => {
      const isFirst = table.tokenHash(FIRST) === undefined
      if (!isFirst && !replacing) return undefined
      await audit.record({
        ...{ actor: 'host', action: 'administrator.token', target: FIRST, decision: 'allow' },
        ...{ reason: isFirst ? 'made' : 'replaced', traceId: world.newId() },
      })
      return kept(FIRST)
    },
    lendToken: () => {
      const token = newToken()
      lent.add(hashOf(token).toString('hex'))
      return token
    },
    openSession: (token) => {
      const principal = byToken(token)
      if (principal === undefined) throw new TenonError('TOKEN_INVALID', 'this is not the administrator token')
      for (const [known, { expires }] of sessions) if (expires <= world.now()) sessions.delete(known)
      const session = newToken()
      sessions.set(session, { name: principal.name, expires: world.now() + limits.sessionLifetimeMs })
      return { session, principal }
    },
    bySession: (session) => {
      const open = sessions.get(session)
      return open !== undefined && open.expires > world.now() ? principalOf(open.name) : undefined
    },
    closeSession: (session) => void sessions.delete(session),
    add: (name, by) =>
      changing(audit, { ...by, action: 'administrator.add', target: name }, () => {
        if (names().includes(name)) throw new TenonError('USER_EXISTS', `there is an administrator "${name}" already`)
        return () => kept(name)
      }),
    remove: (name, by) =>
      changing(audit, { ...by, action: 'administrator.remove', target: name }, () => {
        refuseNobody(name, names())
        return () => {
          table.removeTokenHash(name)
          for (const [session, open] of sessions) if (open.name === name) sessions.delete(session)
        }
      }),
  }
}

/** What is decided is on disk before it is done. */
const changing = <T>(
  audit: Audit,
  attempt: By & { action: string; target: string },
  decide: () => () => T,
): Promise<T> =>
  recordingRefusal(
    audit,
    () => attempt,
    async () => {
      const change = decide()
      await audit.record({ ...attempt, decision: 'allow', reason: attempt.action.replace('administrator.', '') })
      return change()
    },
  )

function refuseNobody(name: string, names: readonly string[]): void {
  if (name === FIRST)
    throw new TenonError('USER_UNKNOWN', `"${FIRST}" is whoever runs this host, and stays`, {
      hint: 'Start it with --reset-admin-token when its token is lost.',
    })
  if (!names.includes(name)) throw new TenonError('USER_UNKNOWN', `there is no administrator "${name}"`)
}
