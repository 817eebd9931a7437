// Runs in a thread of its own: is handed lists of texts and answers each with what they are.
import { parentPort } from 'node:worker_threads'
import { factsOf, type TextsAsked } from './text-facts.ts'

// One after the other, as the first waits for what it counts with, and answers are told apart by their order.
let last: Promise<unknown> = Promise.resolve()
parentPort?.on('message', (asked: TextsAsked) => {
  last = last.then(async () => parentPort?.postMessage(await factsOf(asked), []))
})
