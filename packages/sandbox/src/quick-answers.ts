import { availableParallelism } from 'node:os'

/** Turns of an event loop that has nothing else to do, each of a microsecond or two. */
const TURNS_MAX = 100
/** After so many looks in vain every 64th request is looked for, and no fewer. */
const MISSES_MAX = 6

/** Looks for what is awaited, for a short while. */
export type Look = (isAwaited: () => boolean) => void

/**
 * Keeps the event loop from going to sleep while an answer may come at once: to be woken takes longer than many an answer does.
 * Where answers take their time, fewer and fewer requests are looked for. With one processor none is: it is the plugin that needs it.
 */
export function quickAnswers(processors = availableParallelism()): Look {
  let [misses, toPass, isLooking] = [0, 0, false]
  const ends = (isMissing: boolean): void => {
    misses = isMissing ? Math.min(misses + 1, MISSES_MAX) : 0
    ;[toPass, isLooking] = [2 ** misses - 1, false]
  }
  const turn = (isAwaited: () => boolean, turns: number): void => {
    const isMissing = isAwaited()
    if (isMissing && turns < TURNS_MAX) setImmediate(turn, isAwaited, turns + 1)
    else ends(isMissing)
  }
  return (isAwaited) => {
    if (isLooking || processors === 1) return
    isLooking = toPass === 0
    if (isLooking) setImmediate(turn, isAwaited, 1)
    else toPass -= 1
  }
}
