import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Code } from '../text/prose.ts'
import type { SharedTexts, TokenCounts } from '../text/text-facts.ts'
import type { SharedLooks } from './shared-looks.ts'

/** What it is sent. To what it is to look at there is no answer. */
export type Asked = SharedLooks | (SharedTexts & { isCounted: boolean })

/** What it found out about texts: of code, that in the bodies which were its own. */
export type TextAnswer = { tokens: TokenCounts[]; code: Map<number, Code> }

/** A thread beside this one, which begins when it is told or first asked. It does one thing after the other. */
export type SecondThread = AsyncDisposable & {
  readonly isBegun: boolean
  /** Lets it make itself ready, which takes a while. */
  begin(): void
  look(at: SharedLooks): void
  /** `isCounted`: whether tokens are to be counted. */
  facts(texts: SharedTexts, isCounted: boolean): Promise<TextAnswer>
}

/** Most of what it makes is garbage at once; with more room for that it takes 100 MB more, and no less time. */
const YOUNG = { maxYoungGenerationSizeMb: 12 }

/** `mayCount`: whether it makes itself ready to count tokens. */
export function secondThread(mayCount: boolean): SecondThread {
  let begun: ReturnType<typeof startThread> | undefined
  const send = (asked: Asked) => {
    begun ??= startThread(mayCount)
    begun.worker.postMessage(asked, [])
    return begun.answers
  }
  return {
    get isBegun() {
      return begun !== undefined
    },
    begin: () => void (begun ??= startThread(mayCount)),
    look: (at) => void send(at),
    facts(texts, isCounted) {
      const answers = send({ ...texts, isCounted })
      const answered = (answers.next() as Promise<{ value: [TextAnswer] }>).then(({ value: [answer] }) => answer)
      // Nobody waits for it where something before fails, and then its own failure is no other one.
      void answered.catch(() => undefined)
      return answered
    },
    [Symbol.asyncDispose]: async () => void (await begun?.worker.terminate()),
  }
}

function startThread(mayCount: boolean) {
  const options = { resourceLimits: YOUNG, workerData: { mayCount } }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), options)
  return { worker, answers: on(worker, 'message') }
}
