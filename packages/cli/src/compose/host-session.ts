import { TenonError, type World } from '@tenon/contract'
import { readOwner, takeOwnership } from '@tenon/database'
import { nodeDisk } from '@tenon/bundle'
import { join } from 'node:path'
import { askerOf, type Ask } from './asker.ts'
import { openHostProcess } from './host-process.ts'
import type { Locations } from './locations.ts'
import { newServer } from './server.ts'

export type SessionOptions = { world: World; locations: Locations; registryUrl?: string | undefined }

/**
 * Works with the host over a workspace: over HTTP when a process owns it, else with one opened for as long as the work
 * takes. Either way the work goes through the same routes.
 */
export async function withHost<T>(options: SessionOptions, work: (ask: Ask) => Promise<T>): Promise<T> {
  const owner = readOwner(options.locations.owned)
  if (owner === undefined) return withOwnHost(options, work)
  if (owner.url === undefined)
    throw new TenonError(
      'DATA_FOLDER_OWNED',
      `process ${owner.pid} owns ${options.locations.owned} and is not ready yet`,
      { hint: 'Try again in a moment.' },
    )
  return work(askerOf(owner.url, await ownerToken(options)))
}

async function ownerToken({ world, locations }: SessionOptions): Promise<string> {
  const token =
    world.env['TENON_TOKEN'] ?? (await nodeDisk.read(join(locations.owned, 'admin-token')))?.toString().trim()
  if (token !== undefined) return token
  throw new TenonError('TOKEN_INVALID', 'the running host wants the administrator token', {
    hint: 'Set TENON_TOKEN to what it showed when it was first started.',
  })
}

async function withOwnHost<T>(
  { world, locations, registryUrl }: SessionOptions,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  await using opened = new AsyncDisposableStack()
  opened.adopt(takeOwnership(locations.owned, { world }), (one) => one.release())
  const process = opened.adopt(
    await openHostProcess({
      ...{ world, locations },
      registryUrl: () => registryUrl ?? world.env['TENON_REGISTRY_URL'],
      enrolmentSecret: undefined,
      log: () => undefined,
    }),
    (one) => one.close(),
  )
  const server = opened.adopt(newServer(world, 'tenon-host'), (one) => one.close())
  server.mount('', process.face)
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  return await work(askerOf(url, process.host.administrator.lendToken()))
}
