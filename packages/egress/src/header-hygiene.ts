import { denied } from './target.ts'

export type Headers = Record<string, string | string[]>

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const HOP_BY_HOP = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']
const NEVER_SENT = [...HOP_BY_HOP, 'content-length', 'cookie', 'expect', 'forwarded', 'host', 'x-real-ip']
const NEVER_RETURNED = [...HOP_BY_HOP, 'server', 'set-cookie', 'set-cookie2']

/**
 * The headers that leave: without what names the connection, the way here or the platform's own session, and without
 * any that holds one of `secrets`. A malformed one is refused, since it could smuggle another.
 */
export function outgoingHeaders(
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[],
  host: string,
): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  for (const [name, value] of entries)
    if (!NAME.test(name) || !VALUE.test(value)) denied(host, `the header ${JSON.stringify(name)} is malformed`)
  const dropped = new Set([...NEVER_SENT, ...namedByConnection(headers)])
  return Object.fromEntries(
    entries.filter(
      ([name, value]) =>
        !dropped.has(name) && !/^(proxy|x-forwarded)-/.test(name) && !secrets.some((secret) => value.includes(secret)),
    ),
  )
}

/** The headers that come back: without what belongs to the connection or would set state in a browser. */
export function incomingHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const dropped = new Set([...NEVER_RETURNED, ...namedByConnection(headers)])
  const kept: Headers = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !dropped.has(name) && !name.startsWith('proxy-')) kept[name] = value
  return kept
}

/** A Connection header may name further headers that are for the next hop only. */
const namedByConnection = (headers: Readonly<Record<string, string | string[] | undefined>>): string[] =>
  Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => [value ?? ''].flat().join(',').toLowerCase().split(','))
    .map((name) => name.trim())
