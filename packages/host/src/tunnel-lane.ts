import { asTenonError, type Audit, type Capability, type World } from '@tenon/contract'
import type { Passage } from '@tenon/egress'
import type { Attempt } from './audited.ts'
import type { Authority } from './authority.ts'
import type { InstalledPlugin } from './records.ts'

/** A socket of this machine that leads outside, as far as `allowed` lets it. */
export type OutsideTunnel = (bounds: {
  allowed: (host: string, port: number) => Promise<boolean>
  onPassage: (passage: Passage) => void
}) => Promise<OpenTunnel>

export type OpenTunnel = { socket: string; close(): Promise<void> }

export type TunnelLanePorts = {
  world: World
  audit: Audit
  authority: Authority
  tunnel: OutsideTunnel
  log: (plugin: string, level: string, message: string) => void
}

/**
 * The way out of one process for libraries that know no host, where anything outside was asked for and granted. Each
 * connection is decided by capability; that it may be is on disk before it is opened, and what became of it after.
 */
export async function tunnelFor(
  { world, audit, authority, tunnel, log }: TunnelLanePorts,
  { description }: InstalledPlugin,
): Promise<OpenTunnel | undefined> {
  const { id } = description
  if (!reachesOut(authority.asked(description)) || !reachesOut(authority.granted(id))) return undefined
  const attempt = (host: string, port: number): Attempt => ({
    ...{ actor: `plugin:${id}`, action: 'proxy.tunnel', target: `${host}:${port}` },
    ...{ capability: `net:connect:${host}:${port}`, traceId: world.newId() },
  })
  const allowed = async (host: string, port: number): Promise<boolean> => {
    if (!authority.isAllowed(description, { action: 'net:connect', target: `${host}:${port}` })) return false
    await audit.record({ ...attempt(host, port), action: 'proxy.admit', decision: 'allow', reason: 'allowed' })
    return true
  }
  const onPassage = (passage: Passage): void =>
    void audit
      .record({ ...attempt(passage.host, passage.port), ...outcomeOf(passage) })
      .catch((thrown: unknown) =>
        log(id, 'error', `what became of a connection is not recorded: ${asTenonError(thrown).message}`),
      )
  return tunnel({ allowed, onPassage })
}

const reachesOut = (capabilities: readonly Capability[]): boolean =>
  capabilities.some(({ action }) => action === 'net:connect')

const outcomeOf = ({ refused, sentBytes, receivedBytes }: Passage): { decision: 'allow' | 'deny'; reason: string } =>
  refused === undefined
    ? { decision: 'allow', reason: `${sentBytes} bytes went out, ${receivedBytes} came back` }
    : { decision: 'deny', reason: refused.code }
