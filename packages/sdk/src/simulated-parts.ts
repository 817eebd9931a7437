import type { Json } from '@tenon/contract'
import { copied } from './json-copy.ts'

const isParts = (answer: unknown): answer is AsyncIterable<Json> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

/** An answer for who did not ask for parts. */
export const collected = async (answer: unknown): Promise<Json> =>
  isParts(answer) ? Array.fromAsync(answer) : ((answer ?? null) as Json)

/** The parts of an answer; one that is no list is one part. */
export async function* partsOf(answer: unknown): AsyncGenerator<Json, void, undefined> {
  if (isParts(answer)) for await (const part of answer) yield copied(part)
  else yield* copied((Array.isArray(answer) ? answer : [answer ?? null]) as Json[])
}
