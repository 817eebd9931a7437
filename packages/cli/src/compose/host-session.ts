import { join } from 'node:path'
import { nodeDisk } from '@tenon/bundle'
import { TenonError, type World } from '@tenon/contract'
import { readOwner, takeOwnership } from '@tenon/database'
import type { Host } from '@tenon/host'
import type { Cli } from '../command.ts'
import { askerOf, transferOf, type Ask, type AskOptions, type Transfer } from './asker.ts'
import { environmentOf } from './environment.ts'
import { openHostProcess } from './host-process.ts'
import type { Locations } from './locations.ts'
import { newServer } from './server.ts'

/** Something done with a host. */
export type Work<T> = (ask: Ask, transfer: Transfer) => Promise<T>

/**
 * Works with the host over a workspace: over HTTP when a process owns it, else with one opened for as long as the work
 * takes. Either way the work goes through the same routes.
 */
export async function withHost<T>(cli: Cli, locations: Locations, work: Work<T>): Promise<T> {
  const owner = readOwner(locations.owned)
  if (owner === undefined) return withOwnHost(cli, locations, work)
  if (owner.url === undefined)
    throw new TenonError('DATA_FOLDER_OWNED', `process ${owner.pid} owns ${locations.owned} and is not ready yet`, {
      hint: 'Try again in a moment.',
    })
  const token = await ownerToken(cli, locations)
  return speaking({ url: owner.url, token, signal: cli.io.signal }, work)
}

function speaking<T>(to: Omit<AskOptions, 'unreachable'>, work: Work<T>): Promise<T> {
  const options = { ...to, unreachable: 'HOST_UNREACHABLE' } as const
  return work(askerOf(options), transferOf(options))
}

async function ownerToken({ world }: Cli, { owned }: Locations): Promise<string> {
  const kept = await nodeDisk.read(join(owned, 'admin-token'))
  const token = world.env['TENON_TOKEN'] ?? kept?.toString().trim()
  if (token !== undefined) return token
  throw new TenonError('TOKEN_INVALID', 'the running host wants the administrator token', {
    hint: 'Set TENON_TOKEN to what it showed when it was first started, or start it with --reset-admin-token.',
  })
}

/** Whoever may open the data is who runs the host, unless TENON_TOKEN names another administrator. */
function actingToken({ env }: World, { administrator }: Host): string {
  const named = env['TENON_TOKEN']
  return named !== undefined && administrator.byToken(named) !== undefined ? named : administrator.lendToken()
}

async function withOwnHost<T>(cli: Cli, locations: Locations, work: Work<T>): Promise<T> {
  const { world, io } = cli
  await using opened = new AsyncDisposableStack()
  opened.adopt(takeOwnership(locations.owned, { world }), (one) => one.release())
  const registryUrl = (): string | undefined => world.env['TENON_REGISTRY_URL']
  const { signal } = io
  const fixed = { enrolmentSecret: undefined, environment: environmentOf(world), log: () => undefined }
  const options = { world, locations, registryUrl, signal, ...fixed }
  const process = opened.adopt(await openHostProcess(options), (one) => one.close())
  const server = opened.adopt(newServer(cli, 'tenon-host'), (one) => one.close())
  server.mount('', process.face)
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  return await speaking({ url, token: actingToken(world, process.host), signal }, work)
}
