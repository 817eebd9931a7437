import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { codeOfFree, factsOf, type CutText, type TextFacts } from './text-facts.ts'
import type { TextAnswer } from './text-worker.ts'

/** Finds out what texts are. */
export type TextReader = AsyncDisposable & {
  /** Begins with texts. What is found out, in their order, is asked for once. */
  begun(texts: readonly CutText[]): () => Promise<TextFacts[]>
}

/** So many files are done with before a thread would have begun. */
const FEW = 50

/** Most of what it makes is garbage at once; with more room for that it takes 100 MB more, and no less time. */
const YOUNG = { maxYoungGenerationSizeMb: 12 }

/** Few texts are read at once here, and many in a thread of its own, so that this one can go on meanwhile. */
export function textReader(isCounted: boolean): TextReader {
  let beside: TextReader | undefined
  return {
    begun: (texts) =>
      texts.length <= FEW ? () => factsOf(texts, isCounted) : (beside ??= readerBeside(isCounted)).begun(texts),
    [Symbol.asyncDispose]: async () => beside?.[Symbol.asyncDispose](),
  }
}

function readerBeside(isCounted: boolean): TextReader {
  const options = { resourceLimits: YOUNG, workerData: { isCounted } }
  const worker = new Worker(new URL('./text-worker.ts', import.meta.url), options)
  // It answers in the order in which it is asked.
  const answers = on(worker, 'message')
  return {
    begun(texts) {
      const shared = { texts, taken: new Uint8Array(new SharedArrayBuffer(texts.length)) }
      worker.postMessage(shared, [])
      const answered = answers.next() as Promise<{ value: [TextAnswer] }>
      // Nobody waits for it where the batch before fails, and then its own failure is no other one.
      void answered.catch(() => undefined)
      return async () => {
        // Who would wait helps, from the other end.
        const own = codeOfFree(shared, [...texts.keys()].toReversed())
        const [{ tokens, code }] = (await answered).value
        return texts.map((_, index) => ({ tokens: tokens[index], code: own.get(index) ?? code.get(index) ?? [] }))
      }
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  }
}
