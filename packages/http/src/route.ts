import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { jsonValue, TenonError, type Problem } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import Type, { type Static, type TObject, type TSchema } from 'typebox'
import { typedQuery } from './query.ts'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type Method = (typeof METHODS)[number]

/** Who sent a request. A route names the kinds that it admits. */
export type Principal = { kind: string }

/** A body that is bytes of a media type instead of JSON; `*` + `/*` is any. A request body may not be longer than `limitBytes`. */
export type Bytes = { bytes: string; limitBytes: number }
/** An answer without a body. */
export type NoContent = { noContent: true }

export const bytes = (mediaType: string, limitBytes = Number.POSITIVE_INFINITY): Bytes => ({
  bytes: mediaType,
  limitBytes,
})
export const noContent: NoContent = { noContent: true }

export type BodyShape = TSchema | Bytes
export type AnswerShape = TSchema | Bytes | NoContent
export type Answers = Readonly<Record<number, AnswerShape>>

type RequestBody<S> = S extends Bytes ? AsyncIterable<Uint8Array> : S extends TSchema ? Static<S> : never
type AnswerBody<S> = S extends NoContent
  ? { body?: undefined }
  : S extends Bytes
    ? { body: AsyncIterable<Uint8Array> | Uint8Array | string }
    : S extends TSchema
      ? { body: Static<S> }
      : never

/** `etag` is the entity tag without its quotes, such as a digest; a GET that names it is answered 304. */
export type AnswerHead = { headers?: OutgoingHttpHeaders; etag?: string }
export type AnswerOf<A extends Answers> = {
  [S in keyof A & number]: { status: S } & AnswerHead & AnswerBody<A[S]>
}[keyof A & number]
export type Answer = AnswerHead & { status: number; body?: unknown }

/** What is known of a request before its body is read. */
export type Incoming = {
  method: string
  /** The path and query as sent. */
  url: string
  headers: IncomingHttpHeaders
  remoteAddress: string
  traceId: string
  /** Aborted when the client is gone before it was answered. */
  signal: AbortSignal
}

export type Context<Who, Params, Query, Body> = Incoming & {
  principal: Who
  params: Params
  query: Query
  body: Body
}

type Admitted<P extends Principal, Admits> = Admits extends readonly (infer K)[] ? Extract<P, { kind: K }> : undefined

type Declaration<Admits, Params, Query, Body, A> = {
  method: Method | 'ANY'
  /** OpenAPI form: `{name}` is one segment, a final `{name*}` is the rest of the path. */
  path: `/${string}`
  summary: string
  /** The principals that may call it; everybody else is answered 401. */
  admits: Admits
  params?: Params | undefined
  query?: Query | undefined
  body?: Body | undefined
  answers: A
}

type Named = Readonly<Record<string, unknown>>
export type UncheckedContext = Context<Principal | undefined, Named, Named, unknown>

type Shape<P extends Principal> = Declaration<'open' | readonly P['kind'][], TObject, TObject, BodyShape, Answers>

/** A declared route with its types behind it: `run` checks what came, then calls the handler. */
export type Route<P extends Principal = Principal> = Shape<P> & {
  run(context: UncheckedContext): Promise<Answer>
  /** What of an answer breaks the declaration. */
  answerProblems(answer: Answer): Problem[]
}

/**
 * The function by which a face declares its routes, as data first and then the handler, whose types follow from the data:
 * `const route = routesFor<MyPrincipal>()`, then `route({ … }).handle(async ({ params, principal }) => …)`.
 */
export function routesFor<P extends Principal>() {
  return <
    const Admits extends 'open' | readonly P['kind'][],
    Params extends TObject,
    Query extends TObject,
    Body extends BodyShape,
    const A extends Answers,
  >(
    declared: Declaration<Admits, Params, Query, Body, A>,
  ) => {
    type Who = Admitted<P, Admits>
    type Checked = Context<Who, Static<Params>, Static<Query>, RequestBody<Body>>
    type Handler = (context: Checked) => AnswerOf<A> | Promise<AnswerOf<A>>
    return { handle: (handler: Handler): Route<P> => routeOf(declared, (context) => handler(context as Checked)) }
  }
}

function routeOf<P extends Principal>(
  { method, path, summary, admits, params, query, body, answers }: Shape<P>,
  handler: (context: UncheckedContext) => Answer | Promise<Answer>,
): Route<P> {
  const read = requestReader(params, query, body)
  return {
    method,
    path,
    summary,
    admits,
    params,
    query,
    body,
    answers,
    run: async (context) => handler(read(context)),
    answerProblems: answerChecker(answers),
  }
}

/** What a route does not declare it does not take. */
const nothing = Type.Object({}, { additionalProperties: false })

/** Checks params, query and body together, so that everything wrong with a request is said at once. */
function requestReader(params: TObject = nothing, query: TObject = nothing, body?: BodyShape) {
  const paramsProblems = problemsUnder('/params', params)
  const queryProblems = problemsUnder('/query', query)
  const bodyProblems = body === undefined ? unwantedBody : isBytes(body) ? () => [] : problemsUnder('', body)
  return (context: UncheckedContext): UncheckedContext => {
    const typed = typedQuery(query, context.query)
    const problems = [...paramsProblems(context.params), ...queryProblems(typed), ...bodyProblems(context.body)]
    const first = problems[0]
    if (first !== undefined)
      throw new TenonError('HTTP_INVALID', `${first.pointer || 'the body'}: ${first.message}`, { problems })
    return { ...context, query: typed }
  }
}

function problemsUnder(pointer: string, schema: TSchema): (value: unknown) => Problem[] {
  const validator = validatorOf(schema)
  return (value) =>
    validator.problems(value).map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }))
}

const unwantedBody = (body: unknown): Problem[] =>
  body === undefined ? [] : [{ pointer: '', code: 'HTTP_BODY_UNWANTED', message: 'this route takes no body' }]

function answerChecker(answers: Answers): (answer: Answer) => Problem[] {
  const checks = new Map<number, (value: unknown) => Problem[]>()
  for (const [status, shape] of Object.entries(answers))
    if (!isBytes(shape) && !isNoContent(shape)) checks.set(Number(status), problemsUnder('', shape))
  return ({ status, body }) => {
    if (!(status in answers))
      return [{ pointer: '', code: 'HTTP_STATUS_UNDECLARED', message: `the status ${status} is not declared` }]
    // What is sent is the JSON text, so that is what is judged: a key that holds undefined is no key.
    return checks.get(status)?.(body === undefined ? undefined : jsonValue(JSON.stringify(body))) ?? []
  }
}

export const isBytes = (shape: AnswerShape): shape is Bytes => 'bytes' in shape
export const isNoContent = (shape: AnswerShape): shape is NoContent => 'noContent' in shape
