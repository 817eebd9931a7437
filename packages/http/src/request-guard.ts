import { TenonError } from '@tenon/contract'

/**
 * The names that a server answers for: loopback with the port it is bound to, and those configured. A configured host
 * without a port stands for every port. This is what keeps a web page from reaching a loopback server by DNS rebinding.
 */
export type KnownNames = { port: number; hosts: readonly string[]; origins: readonly string[] }

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

export function refuseForeignHost(host: string | undefined, names: KnownNames): void {
  if (host !== undefined && isKnownHost(host, names)) return
  throw new TenonError('HTTP_HOST_REFUSED', `this server does not answer for the host "${host ?? ''}"`, {
    hint: 'Add the host to the hosts of this server if it is one of its names.',
  })
}

/** Browsers send an Origin; other clients send none. */
export function refuseForeignOrigin(origin: string | undefined, names: KnownNames): void {
  if (origin === undefined || names.origins.includes(origin)) return
  if (URL.canParse(origin) && isKnownHost(new URL(origin).host, names)) return
  throw new TenonError('HTTP_ORIGIN_REFUSED', `requests from the origin "${origin}" are refused`, {
    hint: 'Add the origin to the origins of this server if its pages may call it.',
  })
}

function isKnownHost(host: string, { port, hosts }: KnownNames): boolean {
  const wanted = host.toLowerCase()
  const name = wanted.replace(/:[0-9]+$/, '')
  const loopback = LOOPBACK.map((known) => `${known}:${port}`)
  if (port === 80) loopback.push(...LOOPBACK)
  return loopback.includes(wanted) || hosts.some((known) => known === wanted || known === name)
}
