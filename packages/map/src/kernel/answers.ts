import { messageOf } from './in-process.ts'
import type { Answer } from './runners.ts'

/** One answer for each of `count` inputs, or why there is none at all. */
export type Answers<T> = { answers: Answer<T>[]; lost?: never } | { answers?: never; lost: string }

export async function answersOf<T>(count: number, call: () => Promise<Answer<T>[]>): Promise<Answers<T>> {
  try {
    const answers = await call()
    if (!Array.isArray(answers)) return { lost: 'gave no answers' }
    if (answers.length === count) return { answers: answers.map(wellFormed) }
    return { lost: `gave ${answers.length} answers to ${count} questions` }
  } catch (thrown) {
    return { lost: messageOf(thrown) }
  }
}

/** The one answer of a runner, whatever it does. */
export async function answerFrom<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return wellFormed(await call())
  } catch (thrown) {
    return { failure: messageOf(thrown) }
  }
}

/** A runner may be a process that somebody else has taken over: what it gives may be anything. */
function wellFormed<T>(answer: Answer<T>): Answer<T> {
  const { value, failure } = Object(answer) as { value?: T; failure?: unknown }
  if (failure !== undefined) return { failure: typeof failure === 'string' ? failure : JSON.stringify(failure) }
  return value === undefined ? { failure: 'gave no answer' } : { value }
}
