import { TenonError, problemDocument, isErrorCode, type Json, type Problem, type World } from '@tenon/contract'
import { readOwner, takeOwnership } from '@tenon/database'
import { nodeDisk } from '@tenon/bundle'
import { join } from 'node:path'
import { openHostProcess } from './host-process.ts'
import type { Locations } from './locations.ts'
import { newServer } from './server.ts'

/** Speaks with a host as its administrator. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Json>

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
  const ownership = takeOwnership(locations.owned, { world })
  try {
    const process = await openHostProcess({
      world,
      locations,
      registryUrl: () => registryUrl ?? world.env['TENON_REGISTRY_URL'],
      enrolmentSecret: undefined,
      log: () => undefined,
    })
    const server = newServer(world, 'tenon-host')
    server.mount('', process.face)
    const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
    const token = process.host.administrator.lendToken()
    try {
      return await work(askerOf(url, token))
    } finally {
      await server.close()
      await process.close()
    }
  } finally {
    ownership.release()
  }
}

/** An administrator's requests to a host; what it refuses is thrown as it was thrown there. */
export function askerOf(url: string, token: string): Ask {
  return async (method, path, body) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const json = text === '' ? null : (JSON.parse(text) as Json)
    if (answer.ok) return json
    throw thrownBy(json, answer.status)
  }
}

function thrownBy(body: Json, status: number): TenonError {
  const problem = (body ?? {}) as Partial<ReturnType<typeof problemDocument>>
  const code = problem.code !== undefined && isErrorCode(problem.code) ? problem.code : 'INTERNAL'
  return new TenonError(code, problem.detail ?? `the host answered ${status}`, {
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    problems: (problem.errors ?? []) as Problem[],
  })
}
