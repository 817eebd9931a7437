import { asTenonError, problemDocument, TenonError, type ErrorCode, type ProblemDocument } from '@tenon/contract'

export const PROBLEM_TYPE = 'application/problem+json'

/** Faults that fastify and Node find before a route runs. */
const FOREIGN_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_BAD_URL: 'HTTP_INVALID',
  FST_ERR_CTP_BODY_TOO_LARGE: 'HTTP_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'HTTP_INVALID',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'HTTP_MEDIA_TYPE',
  FST_ERR_MAX_PARAM_LENGTH: 'HTTP_INVALID',
}

export function errorOf(thrown: unknown): TenonError {
  const foreign = thrown instanceof Error && 'code' in thrown ? FOREIGN_CODES[String(thrown.code)] : undefined
  if (foreign === undefined || !(thrown instanceof Error)) return asTenonError(thrown)
  return new TenonError(foreign, thrown.message, { cause: thrown })
}

/** The body of an error's answer. A fault of ours shows where to look, never what it says. */
export function problemAnswer(error: TenonError, traceId: string): ProblemDocument {
  if (error.code !== 'INTERNAL') return problemDocument(error)
  const hidden = new TenonError('INTERNAL', 'the request could not be handled', {
    hint: `The log of this server names trace ${traceId}.`,
  })
  return problemDocument(hidden)
}
