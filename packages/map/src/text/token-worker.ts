// Runs in a thread of its own: is handed lists of texts and answers each with the numbers of their tokens.
import { parentPort } from 'node:worker_threads'
import { loadTokenCounter } from './tokens.ts'

const counting = loadTokenCounter()
parentPort?.on('message', async (texts: readonly string[]) => {
  const countTokens = await counting
  parentPort?.postMessage(texts.map(countTokens), [])
})
