// Runs as the second thread: does what each message asks, one after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { codeOfFree, tokensOf, type SharedTexts } from '../text/text-facts.ts'
import { loadTokenCounter } from '../text/tokens.ts'
import type { Asked, TextAnswer } from './second-thread.ts'
import { lookAtUnseen } from './shared-looks.ts'

const { mayCount } = workerData as { mayCount: boolean }

const factsOf = async (asked: SharedTexts, isCounted: boolean): Promise<TextAnswer> => ({
  tokens: isCounted ? await tokensOf(asked.texts) : [],
  code: codeOfFree(asked, asked.texts.keys()),
})

async function work(asked: Asked): Promise<void> {
  if ('states' in asked) lookAtUnseen(asked)
  else parentPort?.postMessage(await factsOf(asked, asked.isCounted), [])
}

// Takes a while, in which the first thread finds the texts.
let last: Promise<unknown> = mayCount ? loadTokenCounter() : Promise.resolve()

// One after the other, as answers are told apart by their order.
parentPort?.on('message', (asked: Asked) => {
  last = last.then(() => work(asked))
})
