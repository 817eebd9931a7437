import type { Problem } from '@tenon/contract'

export type ProblemFacts = {
  /** 0 when there was no answer at all. */
  status: number
  title: string
  detail: string
  code?: string
  hint?: string
  errors?: Problem[]
}

/** Everything that a request can fail with, in the words of whoever refused it. */
export class HostProblem extends Error {
  readonly facts: ProblemFacts

  constructor(facts: ProblemFacts, cause?: unknown) {
    super(facts.detail, { cause })
    this.name = 'HostProblem'
    this.facts = facts
  }
}

export type Ask = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** What is undefined is left out. */
  query?: Record<string, string | number | undefined>
  /** Sent as JSON; a file as it is, as what it says to be. */
  body?: unknown
  signal?: AbortSignal
}

/** Asks the host that served this page. It is of the same build, so an answer is taken to have the shape that the host declares. */
export async function ask<T>(path: string, { method = 'GET', query = {}, body, signal }: Ask = {}): Promise<T> {
  const response = await reach(path + queryText(query), {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': typeOf(body) }) },
    body: body === undefined || body instanceof Blob ? (body ?? null) : JSON.stringify(body),
    signal: signal ?? null,
  })
  const text = await response.text()
  return (text === '' ? undefined : jsonOf(text, path)) as T
}

/** Asks for bytes that are to be saved as they are. */
export const askBytes = async (path: string): Promise<Blob> => (await reach(path, { method: 'GET' })).blob()

const typeOf = (body: unknown): string => (body instanceof Blob ? body.type : 'application/json')

export const isSignedOut = (thrown: unknown): boolean => thrown instanceof HostProblem && thrown.facts.status === 401

/** Reads a problem document, skill-map's envelope below `/map/api`, and whatever a proxy in between may say. */
export function problemOf(status: number, text: string): ProblemFacts {
  const body = recordOf(text)
  const said = isRecord(body['error']) ? { title: body['error']['code'], detail: body['error']['message'] } : body
  const { title, detail, code, hint, errors } = { ...body, ...said }
  return {
    status,
    title: typeof title === 'string' ? title : `The host answered ${status}`,
    detail: typeof detail === 'string' ? detail : 'The answer does not say why.',
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(Array.isArray(errors) ? { errors: errors as Problem[] } : {}),
  }
}

/** An answer that is no refusal. */
async function reach(url: string, init: RequestInit): Promise<Response> {
  const response = await answerOf(url, init)
  if (!response.ok) throw new HostProblem(problemOf(response.status, await response.text()))
  return response
}

async function answerOf(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    const facts = {
      status: 0,
      title: 'The host cannot be reached',
      detail: `There was no answer to ${init.method} ${url}.`,
      hint: 'Look whether the host is still running.',
    }
    throw new HostProblem(facts, thrown)
  }
}

function queryText(query: Record<string, string | number | undefined>): string {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new HostProblem(
      { status: 200, title: 'The answer is not JSON', detail: `${path} gave something else.` },
      thrown,
    )
  }
}

function recordOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {}
    throw thrown
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
