import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tokenFault } from './bearer.ts'
import { HostFailure, type Host } from './host.ts'
import { Problem } from './problem.ts'
import type { Profile, Profiles } from './profiles.ts'
import { readUser } from './user-input.ts'

const ID = 'user-management'
const BODY_BYTES_MAX = 65_536

export type Parts = { profiles: Profiles; host: Host; announce: () => Promise<void>; log: (line: string) => void }
type Answer = { status: number; body: object; headers?: Record<string, string> }

export const appOf = (parts: Parts): Server =>
  createServer((request, response) => {
    void answerTo(request, parts).then((answer) => send(response, answer))
  })

async function answerTo(request: IncomingMessage, parts: Parts): Promise<Answer> {
  try {
    return await route(request, parts)
  } catch (thrown) {
    const problem = problemOf(thrown)
    if (problem.status >= 500) parts.log(`${request.method} answered with ${problem.status}: ${String(thrown)}`)
    const headers = { 'content-type': 'application/problem+json', ...(problem.status === 401 ? CHALLENGE : {}) }
    return { status: problem.status, body: problem.body(), headers }
  }
}

const CHALLENGE = { 'www-authenticate': 'Bearer' }

function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  if (thrown instanceof HostFailure) return new Problem(502, 'HOST_FAILED', thrown.message)
  return new Problem(500, 'INTERNAL', 'something went wrong here')
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
  response.end(`${JSON.stringify(body)}\n`)
}

/** Health is open to probes; nothing else is to anyone but the host. */
async function route(request: IncomingMessage, parts: Parts): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'http://plugin')
  if (pathname === '/health')
    return allowed(request, 'GET', () => ({ status: 200, body: { status: 'healthy', plugin: ID } }))
  await requireHost(request, parts.host)
  if (pathname === '/api/users') return allowed(request, 'POST', () => createUser(request, parts))
  const id = /^\/api\/users\/([0-9A-Za-z_-]{1,64})$/.exec(pathname)?.[1]
  if (id !== undefined) return allowed(request, 'GET', () => getUser(id, parts.profiles))
  throw new Problem(404, 'PATH_UNKNOWN', `there is no ${pathname} here`)
}

function allowed<Result>({ method }: IncomingMessage, only: string, work: () => Result): Result {
  if (method === only) return work()
  throw new Problem(405, 'METHOD_UNKNOWN', `${method} is not for this path, ${only} is`)
}

async function requireHost({ headers }: IncomingMessage, host: Host): Promise<void> {
  const token = /^Bearer ([\w.-]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token === undefined) throw new Problem(401, 'TOKEN_MISSING', 'the request bears no token of the host')
  const fault = tokenFault(token, await host.keys(), ID, Date.now())
  if (fault !== undefined) throw new Problem(401, 'TOKEN_INVALID', `the token ${fault}`)
}

async function createUser(request: IncomingMessage, { profiles, host, announce }: Parts): Promise<Answer> {
  const user = readUser(await jsonBody(request))
  const refuseTaken = (): void => {
    const taken = profiles.taken(user)
    if (taken !== undefined) throw new Problem(409, 'USER_DUPLICATE', `the ${taken} "${user[taken]}" is taken`)
  }
  refuseTaken()
  const profile: Profile = { id: await host.mintId(), ...user, created_at: new Date().toISOString() }
  // Another request may have taken the name while the id was minted.
  refuseTaken()
  profiles.add(profile)
  await announce()
  return { status: 201, body: profile, headers: { location: `/api/users/${profile.id}` } }
}

function getUser(id: string, profiles: Profiles): Answer {
  const profile = profiles.get(id)
  if (profile === undefined) throw new Problem(404, 'USER_UNKNOWN', `there is no user "${id}"`)
  return { status: 200, body: profile }
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new Problem(415, 'TYPE_UNKNOWN', 'the body must be application/json')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) throw new Problem(413, 'BODY_TOO_LARGE', `the body is over ${BODY_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown
    throw new Problem(400, 'JSON_INVALID', 'the body is no JSON')
  }
}
