import * as http from 'node:http'
import * as https from 'node:https'
import { text } from 'node:stream/consumers'
import { assert, isErrorCode, TenonError, type ErrorCode, type Json } from '@tenon/contract'
import { problemSchema, validatorOf } from '@tenon/contract/schema'
import { stopError } from '../io.ts'

/** Speaks with a server as the holder of a token. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Json>

export type AskOptions = {
  url: string
  token: string
  /** Aborted with the name of what stops the command. */
  signal: AbortSignal
  /** What it means that no answer comes, or one that is none of ours. */
  unreachable: Extract<ErrorCode, 'HOST_UNREACHABLE' | 'REGISTRY_UNREACHABLE'>
}

type Answer = { status: number; text: string }

/** Requests to a server; what it refuses is thrown as it was thrown there. */
export function askerOf(options: AskOptions): Ask {
  return async (method, path, body) => {
    const answer = await answered(options, () => send(options, method, path, body))
    const value = jsonOf(answer)
    if (answer.status < 300 && value !== undefined) return value
    throw refusalOf(options, answer, value)
  }
}

/** Not by `fetch`, which gives up after five minutes without an answer: a run may take an hour. */
function send({ url, token, signal }: AskOptions, method: string, path: string, body: unknown): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http
  const bytes = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${token}`,
    ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url.replace(/\/+$/, '') + path, { method, headers, signal }, (incoming) => {
      text(incoming).then((whole) => resolve({ status: incoming.statusCode ?? 0, text: whole }), reject)
    })
    sent.on('error', reject)
    sent.end(bytes)
  })
}

async function answered({ url, signal, unreachable }: AskOptions, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (cause) {
    if (signal.aborted) throw stopError(signal, cause)
    throw new TenonError(unreachable, `${url} does not answer`, {
      hint: 'Is it running, and is the address right?',
      cause,
    })
  }
}

/** Undefined when the answer is no JSON. */
function jsonOf({ text: body }: Answer): Json | undefined {
  try {
    return body === '' ? null : (JSON.parse(body) as Json)
  } catch (thrown) {
    assert(thrown instanceof SyntaxError, 'parsing fails by syntax only')
    return undefined
  }
}

const problemDocuments = validatorOf(problemSchema)

function refusalOf({ url, unreachable }: AskOptions, { status }: Answer, body: Json | undefined): TenonError {
  if (!problemDocuments.is(body) || !isErrorCode(body.code))
    return new TenonError(unreachable, `${url} answered ${status}, and not as Tenon does`, {
      hint: 'Check the address, and any proxy on the way.',
    })
  const { code, detail, hint, errors = [] } = body
  return new TenonError(code, detail, { ...(hint === undefined ? {} : { hint }), problems: errors })
}
