import { lookup as resolve } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { TenonError } from '@tenon/contract'
import { guardAddress } from './address-guard.ts'
import { denied } from './target.ts'

/** Every address of a host. */
export type Lookup = (host: string) => Promise<readonly string[]>
/** Opens a socket to an address that was vetted. */
export type Dial = (address: string, port: number, signal: AbortSignal) => Promise<Socket>

/** What stands between a plugin and the outside. Whoever opens a socket for one does it by `openSocket`. */
export type Gate = {
  /** Whether policy lets the caller connect there. `http:` asks for port 80. */
  allowed: (host: string, port: number) => boolean | Promise<boolean>
  lookup: Lookup
  dial: Dial
}

/** The gate of a running host: the system's resolver and real sockets. */
export const systemLookup: Lookup = async (host) =>
  (await resolve(host, { all: true, verbatim: true })).map(({ address }) => address)

export const systemDial: Dial = (address, port, signal) => ready(connect({ host: address, port }), 'connect', signal)

/** Waits for a socket's event; a socket that fails or is given up is closed. */
export async function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
  try {
    await once(socket, event, { signal })
    return socket
  } catch (fault) {
    socket.destroy()
    throw fault
  }
}

/**
 * Connects to a host by one of its addresses. The name is resolved once and all of its addresses are vetted before the
 * first socket is opened, to an address and not to the name: what a second resolution would say does not matter.
 */
export async function openSocket(
  host: string,
  port: number,
  { allowed, lookup, dial }: Gate,
  signal: AbortSignal,
): Promise<Socket> {
  if (!(await allowed(host, port))) denied(host, `no capability allows port ${port} of it`)
  signal.throwIfAborted()
  const addresses = await orAborted(lookup(host), signal)
  signal.throwIfAborted()
  for (const address of addresses) {
    const why = guardAddress(address)
    if (why !== undefined) denied(host, `it leads to ${address}, ${why}`)
  }
  return firstThatOpens(addresses, (address) => dial(address, port, signal))
}

/** A host has several addresses so that one may fail. */
async function firstThatOpens(
  addresses: readonly string[],
  open: (address: string) => Promise<Socket>,
): Promise<Socket> {
  const [address, ...rest] = addresses
  if (address === undefined) throw new TenonError('EGRESS_FAILED', 'the name has no address')
  return rest.length === 0 ? open(address) : open(address).catch(() => firstThatOpens(rest, open))
}

/** A resolution cannot be stopped, but nobody has to wait for it. */
const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([work, once(signal, 'abort').then(() => Promise.reject(signal.reason))])
