// Runs in a thread of its own: is handed lists of texts and answers each with what it found out about them.
import { parentPort, workerData } from 'node:worker_threads'
import type { Code } from './prose.ts'
import { codeOfFree, tokensOf, type SharedTexts, type TokenCounts } from './text-facts.ts'

export type TextAnswer = { tokens: TokenCounts[]; code: Map<number, Code> }

const { isCounted } = workerData as { isCounted: boolean }

const answerTo = async (asked: SharedTexts): Promise<TextAnswer> => ({
  tokens: isCounted ? await tokensOf(asked.texts) : [],
  code: codeOfFree(asked, asked.texts.keys()),
})

// One after the other, as the first waits for what it counts with, and answers are told apart by their order.
let last: Promise<unknown> = Promise.resolve()
parentPort?.on('message', (asked: SharedTexts) => {
  last = last.then(async () => parentPort?.postMessage(await answerTo(asked), []))
})
