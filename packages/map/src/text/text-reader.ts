import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { factsOf, type TextFacts, type TextsAsked } from './text-facts.ts'

/** Finds out what texts are, in their order. */
export type TextReader = AsyncDisposable & { factsOf(asked: TextsAsked): Promise<TextFacts[]> }

/** So many files are done with before a thread would have begun. */
const FEW = 50

/** Most of what it makes is garbage at once; with more room for that it takes 100 MB more, and no less time. */
const YOUNG = { maxYoungGenerationSizeMb: 12 }

/** Few texts are read at once here, and many in a thread of its own, so that this one can go on meanwhile. */
export function textReader(): TextReader {
  let beside: TextReader | undefined
  return {
    factsOf: (asked) => (asked.texts.length <= FEW ? factsOf(asked) : (beside ??= readerBeside()).factsOf(asked)),
    [Symbol.asyncDispose]: async () => beside?.[Symbol.asyncDispose](),
  }
}

function readerBeside(): TextReader {
  const worker = new Worker(new URL('./text-worker.ts', import.meta.url), { resourceLimits: YOUNG })
  // It answers in the order in which it is asked.
  const answers = on(worker, 'message')
  return {
    async factsOf(asked) {
      worker.postMessage(asked, [])
      const { value } = (await answers.next()) as { value: [TextFacts[]] }
      return value[0]
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  }
}
