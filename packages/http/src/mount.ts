import { Readable } from 'node:stream'
import { asTenonError, decodeUtf8, parseJson, TenonError } from '@tenon/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { methodsOf, type SecurityScheme } from './openapi.ts'
import { isBytes, isNoContent, type Answer, type Bytes, type Incoming, type Principal, type Route } from './route.ts'

/** A set of routes with the principals that call them: what a package offers over HTTP. */
export type Face<P extends Principal> = {
  title: string
  routes: readonly Route<P>[]
  /** For each kind of principal, the ways in which it shows who it is. */
  principals: Readonly<Record<P['kind'], readonly SecurityScheme[]>>
  /** Says who sent a request, or throws TOKEN_INVALID. Called only for routes that are not open. */
  authenticate(incoming: Incoming): Promise<P>
  /** Told of every request that was not let in, before it is answered. */
  onRefused?(incoming: Incoming, refusal: TenonError): Promise<void>
}

type Mounted<P extends Principal> = {
  prefix: string
  route: Route<P>
  face: Face<P>
  checkResponses: boolean
}

/** The only content type that is read as JSON, and read strictly: duplicate keys and the like are refused. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    body.length === 0 ? undefined : parseJson(decodeUtf8(body, 'the body'), 'the body'),
  )
}

export function mountRoute<P extends Principal>(app: FastifyInstance, mounted: Mounted<P>): void {
  const { route } = mounted
  const principals = new WeakMap<FastifyRequest, P>()
  const options: RouteOptions = {
    method: [...methodsOf(route)],
    url: mounted.prefix + fastifyPath(route.path),
    onRequest: async (request, reply) => {
      if (route.admits !== 'open') principals.set(request, await admitted(mounted, incomingOf(request, reply)))
    },
    handler: async (request, reply) => {
      const answer = await route.run({
        ...incomingOf(request, reply),
        principal: principals.get(request),
        params: paramsOf(request, route.path),
        query: request.query as Record<string, unknown>,
        body: takesBytes(route) ? (request.body ?? Readable.from([])) : request.body,
      })
      if (mounted.checkResponses) refuseUndeclared(route, answer)
      return send(request, reply, route, answer)
    },
  }
  if (takesBytes(route)) void app.register(async (scope) => bytesRoute(scope, route.body, options))
  else app.route(options)
}

const takesBytes = <P extends Principal>(route: Route<P>): route is Route<P> & { body: Bytes } =>
  route.body !== undefined && isBytes(route.body)

/** `{name}` → `:name`, a final `{name*}` → `*`. */
const fastifyPath = (path: string): string => path.replace(/\{\w+\*\}$/, '*').replace(/\{(\w+)\}/g, ':$1')

function paramsOf(request: FastifyRequest, path: string): Record<string, unknown> {
  const { '*': rest, ...named } = request.params as Record<string, string>
  const restName = /\{(\w+)\*\}$/.exec(path)?.[1]
  return restName === undefined ? named : { ...named, [restName]: rest }
}

async function admitted<P extends Principal>(mounted: Mounted<P>, incoming: Incoming): Promise<P> {
  try {
    return await principalOf(mounted, incoming)
  } catch (thrown) {
    await mounted.face.onRefused?.(incoming, asTenonError(thrown))
    throw thrown
  }
}

async function principalOf<P extends Principal>({ route, face }: Mounted<P>, incoming: Incoming): Promise<P> {
  const principal = await face.authenticate(incoming)
  if (route.admits.includes(principal.kind)) return principal
  throw new TenonError('TOKEN_INVALID', `${route.method} ${route.path} is not for a ${principal.kind}`, {
    hint: `It is for: ${[...route.admits].join(', ')}.`,
  })
}

const signals = new WeakMap<FastifyRequest, AbortSignal>()

function signalOf(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const known = signals.get(request)
  if (known !== undefined) return known
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      controller.abort(new TenonError('CALL_CANCELLED', 'the client is gone before it was answered'))
  })
  signals.set(request, controller.signal)
  return controller.signal
}

const incomingOf = (request: FastifyRequest, reply: FastifyReply): Incoming => ({
  method: request.method,
  url: request.url,
  headers: request.headers,
  remoteAddress: request.ip,
  traceId: request.id,
  signal: signalOf(request, reply),
})

function bytesRoute(scope: FastifyInstance, shape: Bytes, options: RouteOptions): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(shape.bytes === '*/*' ? '*' : shape.bytes, (request, payload, done) =>
    done(null, capped(payload, shape.limitBytes, Number(request.headers['content-length'] ?? 0))),
  )
  scope.route(options)
}

async function* capped(payload: Readable, limitBytes: number, declared: number): AsyncIterable<Uint8Array> {
  const refuse = (): never => {
    throw new TenonError('HTTP_BODY_TOO_LARGE', `the body is longer than ${limitBytes} bytes`)
  }
  if (declared > limitBytes) refuse()
  let size = 0
  for await (const chunk of payload as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limitBytes) refuse()
    yield chunk
  }
}

function refuseUndeclared(route: Route, answer: Answer): void {
  const problems = route.answerProblems(answer)
  if (problems.length === 0) return
  const what = problems.map((problem) => `${problem.pointer} ${problem.message}`).join('; ')
  throw new TenonError('INTERNAL', `${route.method} ${route.path} answered against its declaration: ${what}`)
}

async function send(request: FastifyRequest, reply: FastifyReply, route: Route, answer: Answer): Promise<FastifyReply> {
  const shape = route.answers[answer.status]
  reply.code(answer.status).headers(answer.headers ?? {})
  if (answer.etag !== undefined) reply.header('etag', `"${answer.etag}"`)
  if (shape === undefined || isNoContent(shape)) return reply.send()
  if (answer.etag !== undefined && request.method === 'GET' && isNamed(request, answer.etag)) {
    await letGo(answer.body)
    return reply.code(304).send()
  }
  if (!isBytes(shape)) return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.body))
  if (shape.bytes !== '*/*') reply.type(shape.bytes)
  if (request.method === 'HEAD') {
    await letGo(answer.body)
    return reply.send()
  }
  return reply.send(isIterable(answer.body) ? streamOf(answer.body) : answer.body)
}

const isNamed = (request: FastifyRequest, etag: string): boolean =>
  (request.headers['if-none-match'] ?? '')
    .split(',')
    .some((tag) => ['*', `"${etag}"`, `W/"${etag}"`].includes(tag.trim()))

const isIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  body !== null && typeof body === 'object' && Symbol.asyncIterator in body

const streamOf = (body: AsyncIterable<Uint8Array>): Readable =>
  body instanceof Readable ? body : Readable.from(body, { objectMode: false })

/** A stream that is not sent must still give back what it holds open. */
async function letGo(body: unknown): Promise<void> {
  if (body instanceof Readable) body.destroy()
  else if (isIterable(body)) await body[Symbol.asyncIterator]().return?.()
}
