import { codeOfFree, factsOf, type CutText, type TextFacts } from '../text/text-facts.ts'
import type { SecondThread } from './second-thread.ts'

/** Finds out what texts are. */
export type TextReader = {
  /** Begins with texts. What is found out, in their order, is asked for once. */
  begun(texts: readonly CutText[]): () => Promise<TextFacts[]>
}

/** So many files are done with before a thread would have begun. */
const FEW = 50

/** Few texts are read at once here, and many in the second thread, so that this one can go on meanwhile. */
export const textReader = (thread: SecondThread, isCounted: boolean): TextReader => ({
  begun: (texts) =>
    texts.length === 0 || (texts.length <= FEW && !thread.isBegun)
      ? () => factsOf(texts, isCounted)
      : readBeside(thread, texts, isCounted),
})

function readBeside(thread: SecondThread, texts: readonly CutText[], isCounted: boolean): () => Promise<TextFacts[]> {
  const shared = { texts, taken: new Uint8Array(new SharedArrayBuffer(texts.length)) }
  const answered = thread.facts(shared, isCounted)
  return async () => {
    // Who would wait helps, from the other end.
    const own = codeOfFree(shared, [...texts.keys()].toReversed())
    const { tokens, code } = await answered
    return texts.map((_, index) => ({ tokens: tokens[index], code: own.get(index) ?? code.get(index) ?? [] }))
  }
}
