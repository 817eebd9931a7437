// Runs as the second thread: answers each message, one after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { codeOfFree, tokensOf, type SharedTexts } from '../text/text-facts.ts'
import { loadTokenCounter } from '../text/tokens.ts'
import { packedLook, type PackedLook } from './look.ts'
import type { Asked, TextAnswer } from './second-thread.ts'

const { isCounted } = workerData as { isCounted: boolean }

const answerTo = (asked: Exclude<Asked, 'count'>): Promise<TextAnswer> | PackedLook | undefined =>
  'root' in asked ? packedLook(asked) : factsOf(asked)

const factsOf = async (asked: SharedTexts): Promise<TextAnswer> => ({
  tokens: isCounted ? await tokensOf(asked.texts) : [],
  code: codeOfFree(asked, asked.texts.keys()),
})

// One after the other, as the first waits for what it counts with, and answers are told apart by their order.
let last: Promise<unknown> = Promise.resolve()
parentPort?.on('message', (asked: Asked) => {
  last = last.then(async () =>
    asked === 'count'
      ? void (isCounted && (await loadTokenCounter()))
      : parentPort?.postMessage(await answerTo(asked), []),
  )
})
