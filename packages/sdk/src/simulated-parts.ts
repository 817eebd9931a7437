import type { Json } from '@tenon/contract'
import { copied } from './json-copy.ts'

const isParts = (answer: unknown): answer is AsyncIterable<Json> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

/** An answer for who did not ask for parts. */
export async function collected(answer: unknown): Promise<Json> {
  if (!isParts(answer)) return (answer ?? null) as Json
  const parts: Json[] = []
  for await (const part of answer) parts.push(part)
  return parts
}

/** The parts of an answer; one that is no list is one part. */
export async function* partsOf(answer: unknown): AsyncGenerator<Json, void, undefined> {
  if (isParts(answer)) for await (const part of answer) yield copied(part)
  else yield* copied((Array.isArray(answer) ? answer : [answer ?? null]) as Json[])
}
