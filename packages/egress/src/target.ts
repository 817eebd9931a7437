import { TenonError } from '@tenon/contract'

/** Where an outside request goes: the host lower-cased and without root dot, the port always given. */
export type Target = { secure: boolean; host: string; port: number; path: string }

const NAME = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/
const HOST_LENGTH_MAX = 253

/** Reads a URL as an outside request may name it; throws EGRESS_DENIED for everything else. */
export function readTarget(url: string): Target {
  if (!URL.canParse(url)) denied('', `"${url}" is no absolute URL`)
  const { protocol, hostname, port, username, password, pathname, search } = new URL(url)
  const host = hostOf(hostname)
  const secure = protocol === 'https:'
  if (!secure && protocol !== 'http:') denied(host, `${protocol}// is not https://`)
  if (username !== '' || password !== '') denied(host, 'the URL holds credentials')
  const target = { secure, host, port: port === '' ? (secure ? 443 : 80) : Number(port), path: pathname + search }
  if (!secure && target.port !== 80) denied(host, 'without TLS only port 80 can be allowed')
  return target
}

/** Reads a host name, refusing every literal address. */
export function hostOf(text: string): string {
  const host = text.toLowerCase().replace(/\.$/, '')
  if (/^\[|\.?[0-9]+$|(^|\.)0x[0-9a-f]*$/.test(host)) denied(host, 'an address is not a name')
  if (host.length > HOST_LENGTH_MAX || !NAME.test(host)) denied(host, 'the host name is malformed')
  return host
}

export function denied(host: string, why: string): never {
  throw new TenonError('EGRESS_DENIED', `outside request to "${host}" refused: ${why}`, {
    hint: 'Allow it with the capability net:connect:<host>[:port]; names that lead inside are never allowed.',
    details: { host, why },
  })
}
