import type { IncomingHttpHeaders } from 'node:http'

export const SESSION_COOKIE = 'tenon_session'

/** The token that a request shows. */
export const bearerOf = ({ authorization = '' }: IncomingHttpHeaders): string | undefined =>
  /^Bearer (\S+)$/.exec(authorization)?.[1]

/** The session that a request shows. */
export const sessionOf = ({ cookie = '' }: IncomingHttpHeaders): string | undefined =>
  new RegExp(`(?:^|; )${SESSION_COOKIE}=([\\w-]+)`).exec(cookie)?.[1]
