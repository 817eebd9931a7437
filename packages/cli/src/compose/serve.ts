import { once } from 'node:events'
import { TenonError, type World } from '@tenon/contract'
import { takeOwnership, type Ownership } from '@tenon/database'
import { makeOperatorToken } from '@tenon/registry'
import type { Server } from '@tenon/http'
import type { HostFlags, ServeFlags } from '../commands/serve-flags.ts'
import type { Cli } from '../command.ts'
import { pluginLog } from '../printer.ts'
import type { Result } from '../result.ts'
import { tellReady } from './admin-token.ts'
import { environmentOf } from './environment.ts'
import { openEventsStore } from './events-store.ts'
import { openHostProcess } from './host-process.ts'
import { levelNamed } from './level-named.ts'
import { locationsOf } from './locations.ts'
import { openRegistryProcess } from './registry-process.ts'
import { newServer, serveConsole } from './server.ts'

const PORT = 7420

/** Where to listen, by flags and TENON_PORT. */
export function listenAt(
  { env }: World,
  { host = '127.0.0.1', port }: Pick<ServeFlags, 'host' | 'port'>,
): { host: string; port: number } {
  const wanted = String(port ?? env['TENON_PORT'] ?? PORT)
  if (!/^\d{1,5}$/.test(wanted) || Number(wanted) > 65_535)
    throw new TenonError('USAGE', `"${wanted}" is no port`, { hint: 'A port is a number from 0 to 65535.' })
  return { host, port: Number(wanted) }
}

/** `tenon host serve`: runs until it is told to stop. */
export async function serveHost(cli: Cli, flags: HostFlags & { json: boolean }): Promise<Result> {
  const { io, world } = cli
  await using opened = new AsyncDisposableStack()
  const locations = locationsOf(world, flags)
  const ownership = opened.adopt(takeOwnership(locations.owned, { world }), (one) => one.release())
  const registryUrl = (): string | undefined => world.env['TENON_REGISTRY_URL']
  const enrolmentSecret = world.env['TENON_ENROLMENT_SECRET']
  const log = pluginLog(io, flags.json)
  const [isolation, environment] = [levelNamed(flags.isolation), environmentOf(world, flags)]
  const options = {
    ...{ world, locations, registryUrl, enrolmentSecret, isolation, environment, log },
    signal: io.signal,
  }
  const process = opened.adopt(await openHostProcess(options), (one) => one.close())
  const server = opened.adopt(newServer(cli, 'tenon-host'), (one) => one.close())
  server.mount('', process.face)
  serveConsole(server)
  const made = (): Promise<string | undefined> => process.host.administrator.makeToken(flags.resetAdminToken)
  return await serveUntilStopped(cli, flags, { server, ownership, made })
}

/** `tenon registry serve`: runs until it is told to stop. */
export async function serveRegistry(cli: Cli, flags: ServeFlags & { json: boolean }): Promise<Result> {
  const { world } = cli
  await using opened = new AsyncDisposableStack()
  const folder = locationsOf(world, flags).registry
  const ownership = opened.adopt(takeOwnership(folder, { world }), (one) => one.release())
  const events = opened.adopt(await openEventsStore(folder, world), (one) => one.close())
  const process = opened.adopt(openRegistryProcess({ folder, audit: events.ledger, world }), (one) => one.close())
  const server = opened.adopt(newServer(cli, 'tenon-registry'), (one) => one.close())
  server.mount('', process.face)
  const ports = { store: process.store, audit: events.ledger, world }
  const made = (): Promise<string | undefined> => makeOperatorToken(ports, flags.resetAdminToken)
  return await serveUntilStopped(cli, flags, { server, ownership, made })
}

type Serving = {
  server: Server
  ownership: Ownership
  /** Makes the administrator token if there is none yet, or the one there is was lost. */
  made(): Promise<string | undefined>
}

async function serveUntilStopped(
  { io, world }: Cli,
  flags: ServeFlags & { json: boolean },
  { server, ownership, made }: Serving,
): Promise<Result> {
  const { url } = await server.listen(listenAt(world, flags))
  ownership.setUrl(url)
  await tellReady({ io, world }, flags, { url, owned: ownership.folder, token: await made() })
  await untilStopped(io.signal)
  return { data: { url, stopped: true }, text: 'stopped' }
}

export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
