import { messageOf } from './in-process.ts'
import type { Answer } from './runners.ts'

/** One answer for each of `count` inputs, or why there is none at all. */
export type Answers<T> = { answers: Answer<T>[]; lost?: never } | { answers?: never; lost: string }

export async function answersOf<T>(count: number, call: () => Promise<Answer<T>[]>): Promise<Answers<T>> {
  try {
    const answers = await call()
    if (answers.length === count) return { answers }
    return { lost: `gave ${answers.length} answers to ${count} questions` }
  } catch (thrown) {
    return { lost: messageOf(thrown) }
  }
}
