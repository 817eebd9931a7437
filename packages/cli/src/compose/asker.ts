import * as http from 'node:http'
import * as https from 'node:https'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import { assert, isErrorCode, jsonValue, TenonError, type ErrorCode, type Json } from '@tenon/contract'
import { problemSchema, validatorOf } from '@tenon/contract/schema'
import { stopError } from '../io.ts'

/** Speaks with a server as the holder of a token. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Json>
/** As `Ask`, with bytes of a media type in the place of a JSON body, or of a JSON answer. */
export type Transfer = {
  send(path: string, bytes: Readable, mediaType: string): Promise<Json>
  /** `take` gets the bytes as they come, and fails with them when they do not come whole. */
  fetch(path: string, take: (bytes: Readable) => Promise<void>): Promise<void>
  /** `take` gets the parts of the answer to a JSON body as they come. */
  parts(path: string, body: Json, take: (part: Json) => void): Promise<void>
}

export type AskOptions = {
  url: string
  token: string
  /** Aborted with the name of what stops the command. */
  signal: AbortSignal
  /** What it means that no answer comes, or one that is none of ours. */
  unreachable: Extract<ErrorCode, 'HOST_UNREACHABLE' | 'REGISTRY_UNREACHABLE'>
}

type Question = { method: string; path: string; mediaType?: string; body?: string | Readable }

/** Requests to a server; what it refuses is thrown as it was thrown there. */
export function askerOf(options: AskOptions): Ask {
  return (method, path, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), mediaType: 'application/json' }
    return answered(options, async () => jsonAnswer(options, await exchange(options, { method, path, ...sent })))
  }
}

export const transferOf = (options: AskOptions): Transfer => ({
  send: (path, body, mediaType) =>
    answered(options, async () =>
      jsonAnswer(options, await exchange(options, { method: 'POST', path, mediaType, body })),
    ),
  fetch: (path, take) =>
    answered(options, async () => {
      const incoming = await exchange(options, { method: 'GET', path })
      if (incoming.statusCode === 200) await take(incoming)
      else await jsonAnswer(options, incoming)
    }),
  parts: (path, body, take) =>
    answered(options, async () => {
      const sent = { body: JSON.stringify(body), mediaType: 'application/json' }
      const incoming = await exchange(options, { method: 'POST', path, ...sent })
      if (incoming.statusCode === 200) await takeParts(options, incoming, take)
      else await jsonAnswer(options, incoming)
    }),
})

/** Not by `fetch`, which gives up after five minutes without an answer: a run may take an hour. */
function exchange({ url, token, signal }: AskOptions, question: Question): Promise<http.IncomingMessage> {
  const { method, path, mediaType, body } = question
  const { request } = url.startsWith('https:') ? https : http
  const headers = {
    authorization: `Bearer ${token}`,
    ...(mediaType === undefined ? {} : { 'content-type': mediaType }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url.replace(/\/+$/, '') + path, { method, headers, signal }, resolve)
    sent.on('error', reject)
    if (body instanceof Readable) pipeline(body, sent).catch(reject)
    else sent.end(body)
  })
}

type PartLine = { part: Json } | { error: Json } | { end: object }

async function takeParts(options: AskOptions, incoming: Readable, take: (part: Json) => void): Promise<void> {
  for await (const row of createInterface({ input: incoming })) {
    const line = jsonValue(row) as PartLine
    if ('end' in line) return
    if ('error' in line) throw refusalOf(options, 200, line.error)
    take(line.part)
  }
  throw new TenonError(options.unreachable, `${options.url} ended its answer before the last part`)
}

async function answered<T>({ url, signal, unreachable }: AskOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (signal.aborted) throw stopError(signal, cause)
    if (cause instanceof TenonError) throw cause
    throw new TenonError(unreachable, `${url} does not answer`, {
      hint: 'Is it running, and is the address right?',
      cause,
    })
  }
}

async function jsonAnswer(options: AskOptions, incoming: http.IncomingMessage): Promise<Json> {
  const status = incoming.statusCode ?? 0
  const value = jsonOf(await text(incoming))
  if (status < 300 && value !== undefined) return value
  throw refusalOf(options, status, value)
}

/** Undefined when the answer is no JSON. */
function jsonOf(body: string): Json | undefined {
  try {
    return body === '' ? null : (jsonValue(body) as Json)
  } catch (thrown) {
    assert(thrown instanceof SyntaxError, 'parsing fails by syntax only')
    return undefined
  }
}

const problemDocuments = validatorOf(problemSchema)

function refusalOf({ url, unreachable }: AskOptions, status: number, body: Json | undefined): TenonError {
  if (!problemDocuments.is(body) || !isErrorCode(body.code))
    return new TenonError(unreachable, `${url} answered ${status}, and not as Tenon does`, {
      hint: 'Check the address, and any proxy on the way.',
    })
  const { code, detail, hint, errors = [] } = body
  return new TenonError(code, detail, { ...(hint === undefined ? {} : { hint }), problems: errors })
}
