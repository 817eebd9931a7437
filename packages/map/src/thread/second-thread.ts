import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Code } from '../text/prose.ts'
import type { SharedTexts, TokenCounts } from '../text/text-facts.ts'
import { unpackedLook, type Look, type LookedAt, type PackedLook } from './look.ts'

/** What it is sent. To what it is to count soon there is no answer. */
export type Asked = LookedAt | SharedTexts | 'count'

/** What it found out about texts: of code, that in the bodies which were its own. */
export type TextAnswer = { tokens: TokenCounts[]; code: Map<number, Code> }

/** A thread beside this one, which begins when it is first asked for something. It answers in the order in which it is asked. */
export type SecondThread = AsyncDisposable & {
  readonly isBegun: boolean
  /** Makes it ready to count tokens, which takes a while. */
  countSoon(): void
  /** What is in a root; undefined where looking at it failed. */
  look(at: LookedAt): Promise<Look | undefined>
  facts(texts: SharedTexts): Promise<TextAnswer>
}

/** Most of what it makes is garbage at once; with more room for that it takes 100 MB more, and no less time. */
const YOUNG = { maxYoungGenerationSizeMb: 12 }

export function secondThread(isCounted: boolean): SecondThread {
  let begun: { worker: Worker; answers: ReturnType<typeof on> } | undefined
  const tell = (asked: Asked) => {
    begun ??= begin(isCounted)
    begun.worker.postMessage(asked, [])
    return begun.answers
  }
  const ask = (asked: Asked): Promise<unknown> => {
    const answers = tell(asked)
    const answered = (answers.next() as Promise<{ value: [unknown] }>).then(({ value: [answer] }) => answer)
    // Nobody waits for it where something before fails, and then its own failure is no other one.
    void answered.catch(() => undefined)
    return answered
  }
  return {
    get isBegun() {
      return begun !== undefined
    },
    countSoon: () => void tell('count'),
    look: (at) =>
      ask(at).then(
        (packed) => unpackedLook(at.root, packed as PackedLook | undefined),
        () => undefined,
      ),
    facts: (texts) => ask(texts) as Promise<TextAnswer>,
    [Symbol.asyncDispose]: async () => void (await begun?.worker.terminate()),
  }
}

function begin(isCounted: boolean) {
  const options = { resourceLimits: YOUNG, workerData: { isCounted } }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), options)
  return { worker, answers: on(worker, 'message') }
}
