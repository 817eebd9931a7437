import { messageOf } from './in-process.ts'
import type { Answer } from './runners.ts'

/** One answer for each of `count` inputs, whatever a runner does. */
export async function answersOf<T>(count: number, call: () => Promise<Answer<T>[]>): Promise<Answer<T>[]> {
  const all = (failure: string): Answer<T>[] => Array.from({ length: count }, () => ({ failure }))
  try {
    const answers = await call()
    return answers.length === count ? answers : all(`gave ${answers.length} answers to ${count} questions`)
  } catch (thrown) {
    return all(messageOf(thrown))
  }
}
