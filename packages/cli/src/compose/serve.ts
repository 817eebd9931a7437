import { once } from 'node:events'
import { TenonError, type World } from '@tenon/contract'
import { takeOwnership } from '@tenon/database'
import type { Server } from '@tenon/http'
import type { ServeFlags } from '../commands/serve-flags.ts'
import type { Cli } from '../command.ts'
import { printLine } from '../printer.ts'
import type { Result } from '../result.ts'
import { tellAdminToken, tellReady } from './admin-token.ts'
import { openEventsStore } from './events-store.ts'
import { openHostProcess } from './host-process.ts'
import { locationsOf } from './locations.ts'
import { openRegistryProcess } from './registry-process.ts'
import { newServer, serveConsole } from './server.ts'

const PORT = 7420

/** Where to listen, by flags and TENON_PORT. */
export function listenAt({ env }: World, { host = '127.0.0.1', port }: ServeFlags): { host: string; port: number } {
  const wanted = port ?? Number(env['TENON_PORT'] ?? PORT)
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    throw new TenonError('USAGE', `"${port ?? env['TENON_PORT']}" is no port`, {
      hint: 'A port is a number from 0 to 65535.',
    })
  return { host, port: wanted }
}

/** `tenon host serve`: runs until it is told to stop. */
export async function serveHost({ io, world }: Cli, flags: ServeFlags & { json: boolean }): Promise<Result> {
  const locations = locationsOf(world, flags)
  const ownership = takeOwnership(locations.owned, { world })
  try {
    const process = await openHostProcess({
      world,
      locations,
      registryUrl: () => world.env['TENON_REGISTRY_URL'],
      enrolmentSecret: world.env['TENON_ENROLMENT_SECRET'],
      log: (plugin, level, message) =>
        flags.json ? undefined : printLine(io, `${plugin} ${level}: ${message.trimEnd()}`),
    })
    const server = newServer(world, 'tenon-host')
    server.mount('', process.face)
    serveConsole(server)
    const { url } = await server.listen(listenAt(world, flags))
    ownership.setUrl(url)
    const place = { file: flags.adminTokenFile, owned: locations.owned, json: flags.json }
    const adminToken = await tellAdminToken(io, process.host, place)
    tellReady(io, { url, ...(adminToken === undefined ? {} : { adminToken }) }, flags.json)
    await untilStopped(io.signal)
    await closeBoth(server, process)
    return { data: { url, stopped: true }, text: 'stopped' }
  } finally {
    ownership.release()
  }
}

/** `tenon registry serve`: runs until it is told to stop. */
export async function serveRegistry({ io, world }: Cli, flags: ServeFlags & { json: boolean }): Promise<Result> {
  const { registry } = locationsOf(world, flags)
  const ownership = takeOwnership(registry, { world })
  try {
    const events = await openEventsStore(registry, world)
    const process = openRegistryProcess(registry, events.ledger, world)
    const server = newServer(world, 'tenon-registry')
    server.mount('', process.face)
    const { url } = await server.listen(listenAt(world, flags))
    ownership.setUrl(url)
    tellReady(io, { url }, flags.json)
    await untilStopped(io.signal)
    await closeBoth(server, process)
    await events.close()
    return { data: { url, stopped: true }, text: 'stopped' }
  } finally {
    ownership.release()
  }
}

export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

export async function closeBoth(server: Server, process: { close(): Promise<void> }): Promise<void> {
  await server.close()
  await process.close()
}
