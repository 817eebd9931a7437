import { problemSchema, validatorOf } from '@tenon/contract/schema'

export type Question = { method?: string; headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> }
export type Answered = { status: number; headers: Headers; text: string; json: () => Record<string, unknown> }

export async function ask(url: string, question: Question = {}): Promise<Answered> {
  const response = await fetch(url, question)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

const problems = validatorOf(problemSchema)

/** The code of an answer that must be a problem document. */
export function codeOf(answer: Answered): string {
  const found = problems.problems(answer.json())
  if (answer.headers.get('content-type') !== 'application/problem+json' || found.length > 0)
    throw new Error(`no problem document: ${answer.text}`)
  return String(answer.json()['code'])
}
