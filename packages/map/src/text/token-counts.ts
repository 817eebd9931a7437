import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { loadTokenCounter } from './tokens.ts'

/** Counts the tokens of texts, in their order. */
export type TokenCounts = AsyncDisposable & { count(texts: readonly string[]): Promise<number[]> }

/** So many texts are counted before a thread would have begun. */
const FEW = 100

/** Counts few texts at once here, and many in a thread of its own, so that this one can go on meanwhile. */
export function tokenCounts(): TokenCounts {
  let beside: TokenCounts | undefined
  return {
    count: (texts) => (texts.length <= FEW ? countHere(texts) : (beside ??= countsBeside()).count(texts)),
    [Symbol.asyncDispose]: async () => beside?.[Symbol.asyncDispose](),
  }
}

async function countHere(texts: readonly string[]): Promise<number[]> {
  const countTokens = texts.length === 0 ? () => 0 : await loadTokenCounter()
  return texts.map(countTokens)
}

function countsBeside(): TokenCounts {
  const worker = new Worker(new URL('./token-worker.ts', import.meta.url))
  // It answers in the order in which it is asked.
  const answers = on(worker, 'message')
  return {
    async count(texts) {
      worker.postMessage(texts, [])
      const { value } = (await answers.next()) as { value: [number[]] }
      return value[0]
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  }
}
