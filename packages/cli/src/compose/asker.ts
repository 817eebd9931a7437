import { isErrorCode, TenonError, type Json, type Problem, type ProblemDocument } from '@tenon/contract'

/** Speaks with a server as the holder of a token. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Json>

/** Requests to a server; what it refuses is thrown as it was thrown there. */
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
  const problem = (body ?? {}) as Partial<ProblemDocument>
  const code = problem.code !== undefined && isErrorCode(problem.code) ? problem.code : 'INTERNAL'
  return new TenonError(code, problem.detail ?? `the host answered ${status}`, {
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    problems: (problem.errors ?? []) as Problem[],
  })
}
