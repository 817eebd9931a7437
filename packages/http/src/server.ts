import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { limits, problemDocument, TenonError, type World } from '@tenon/contract'
import { platformRoutes } from './platform-routes.ts'
import { requestMetrics } from './metrics.ts'
import { mountRoute, readJsonBodies, type Face } from './mount.ts'
import { errorOf, problemAnswer, PROBLEM_TYPE } from './problem-answers.ts'
import { refuseForeignHost, refuseForeignOrigin } from './request-guard.ts'
import type { Principal } from './route.ts'
import { serveFolder } from './static-folder.ts'

/** Where a log goes, line by line, as JSON. It never holds headers, queries or bodies. */
export type Log = { level: 'debug' | 'info' | 'warn' | 'error'; write: (line: string) => void }

export type ServerOptions = {
  world: World
  name: string
  version: string
  /** Names besides loopback that this server answers for: `name` for every port, or `name:port`. */
  hosts?: readonly string[]
  /** Origins, such as `https://console.example`, whose pages may call it. */
  origins?: readonly string[]
  log?: Log
  /** The longest JSON body. */
  bodyLimitBytes: number
  /** For tests: an answer that breaks its declaration becomes INTERNAL. */
  checkResponses?: boolean
}

export type Server = {
  /** Adds a face's routes under a prefix (empty for the root), with `/health`, `/metrics` and `/openapi.json` there. Before `listen`. */
  mount<P extends Principal>(prefix: '' | `/${string}`, face: Face<P>): void
  /** Serves a single-page application. Before `listen`. */
  serveFolder(prefix: `/${string}/`, folder: string): void
  /** Port 0 takes a free one. Throws PORT_TAKEN. */
  listen(at: { host: string; port: number }): Promise<{ url: string; port: number }>
  /** Answers what has arrived, for at most `limits.httpDrainMs`, then ends every connection. */
  close(): Promise<void>
}

const TRACE_ID = /^[A-Za-z0-9_-]{1,128}$/

export function buildServer(options: ServerOptions): Server {
  const { world, version, checkResponses = false } = options
  const app = newApp(options)
  const metrics = requestMetrics()
  let closing = false
  const startedAt = new WeakMap<FastifyRequest, number>()
  app.addHook('onRequest', async (request, reply) => {
    startedAt.set(request, world.monotonic())
    setSafeHeaders(request, reply)
    const names = { port: boundPort(app), hosts: options.hosts ?? [], origins: options.origins ?? [] }
    refuseForeignHost(request.headers.host, names)
    refuseForeignOrigin(request.headers.origin, names)
  })
  app.addHook('onResponse', async (request, reply) => {
    const seconds = (world.monotonic() - (startedAt.get(request) ?? world.monotonic())) / 1000
    const route = request.routeOptions.url ?? 'unmatched'
    metrics.observe({ method: request.method, route, status: reply.statusCode, seconds })
    // A connection that was busy when the server closed is not closed with the idle ones.
    if (closing) request.raw.socket.end()
  })
  return {
    mount(prefix, face) {
      const about = platformRoutes({ ...face, version, prefix }, metrics, world)
      for (const route of [...face.routes, ...about]) mountRoute(app, { prefix, route, face, checkResponses })
    },
    serveFolder: (prefix, folder) => serveFolder(app, prefix, folder),
    listen: (at) => listen(app, at),
    close: () => {
      closing = true
      return close(app, world)
    },
  }
}

function newApp({ world, name, log, bodyLimitBytes }: ServerOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    logger: log === undefined ? false : logOptions(log, name, world),
    genReqId: ({ headers }) => traceIdOf(headers['x-trace-id'], world),
    bodyLimit: bodyLimitBytes,
    requestTimeout: limits.httpRequestMs,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (error, request, reply) => {
      setSafeHeaders(request, reply)
      return answerProblem(error, request, reply)
    },
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(malformedAnswer(error.message))
    },
  })
  readJsonBodies(app)
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply))
  app.setNotFoundHandler(async (request) => {
    throw new TenonError('HTTP_ROUTE_UNKNOWN', `there is no route ${request.method} ${pathOf(request.url)}`, {
      hint: 'The routes are listed in /openapi.json.',
    })
  })
  return app
}

const traceIdOf = (given: string | string[] | undefined, world: World): string =>
  typeof given === 'string' && TRACE_ID.test(given) ? given : world.newId()

/** What is logged is chosen, not filtered: no header, query or body is ever among it. */
const logOptions = (log: Log, name: string, world: World) => ({
  level: log.level,
  stream: { write: log.write },
  base: { name },
  timestamp: () => `,"time":${world.now()}`,
  serializers: {
    req: (request: FastifyRequest) => ({
      method: request.method,
      path: pathOf(request.url),
      remoteAddress: request.ip,
    }),
    res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
  },
})

const pathOf = (url: string): string => url.replace(/[?#].*$/, '')

function setSafeHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    'x-trace-id': request.id,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  })
}

function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = errorOf(thrown)
  if (error.code === 'INTERNAL') request.log.error(error.cause ?? error)
  const problem = problemAnswer(error, request.id)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  // As bytes, or fastify would add a charset, which this media type has not.
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)))
}

/** The answer to bytes that are no HTTP request; there is no reply object for them. */
function malformedAnswer(message: string): string {
  const problem = JSON.stringify(problemDocument(new TenonError('HTTP_INVALID', message)))
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\nconnection: close`
  return `${head}\r\ncontent-length: ${Buffer.byteLength(problem)}\r\n\r\n${problem}`
}

function boundPort(app: FastifyInstance): number {
  const address = app.server.address()
  return address === null || typeof address === 'string' ? 0 : address.port
}

async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }) {
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE')) throw thrown
    throw new TenonError('PORT_TAKEN', `port ${port} on ${host} is taken`, {
      hint: 'Choose another with --port, or take a free one with --port 0.',
      cause: thrown,
    })
  }
  const bound = boundPort(app)
  return { url: `http://${reachableName(host)}:${bound}`, port: bound }
}

/** A server on every address is reached from here by loopback. */
function reachableName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

async function close(app: FastifyInstance, world: World): Promise<void> {
  const drained = new AbortController()
  const deadline = world.timer(limits.httpDrainMs, drained.signal).then(
    () => app.server.closeAllConnections(),
    () => undefined,
  )
  await app.close()
  drained.abort()
  await deadline
}
