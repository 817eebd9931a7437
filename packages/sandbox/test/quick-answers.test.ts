import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { quickAnswers, type Look } from '../src/quick-answers.ts'

const TURNS = 150

/** How often a look of so many requests asks whether its answer is still missing, each over before the next request. */
async function asked(look: Look, answers: readonly (number | 'late')[]): Promise<number[]> {
  const counts: number[] = []
  for (const answer of answers) {
    let count = 0
    look(() => (count += 1) <= (answer === 'late' ? Number.POSITIVE_INFINITY : answer))
    for (let turn = 0; turn < TURNS; turn += 1) await setImmediate()
    counts.push(count)
  }
  return counts
}

const times = (count: number) => Array.from({ length: count }, () => 'late' as const)

test('the event loop turns until the answer is there', async () => {
  expect(await asked(quickAnswers(2), [0, 7, 50])).toEqual([1, 8, 51])
})

test('it turns for a bounded while', async () => {
  expect(await asked(quickAnswers(2), ['late'])).toEqual([100])
})

test('what answers late is looked for less and less', async () => {
  const counts = await asked(quickAnswers(2), times(200))
  const looked = counts.flatMap((count, index) => (count > 0 ? [index] : []))
  expect(looked).toEqual([0, 2, 6, 14, 30, 62, 126, 190])
})

test('what answers at once again is looked for each time', async () => {
  expect(await asked(quickAnswers(2), [...times(2), 0, 0, 0, 0])).toEqual([100, 0, 1, 1, 1, 1])
})

test('requests that overlap are looked for once', async () => {
  const look = quickAnswers(2)
  let [first, second] = [0, 0]
  look(() => (first += 1) < 5)
  look(() => (second += 1) < 5)
  for (let turn = 0; turn < TURNS; turn += 1) await setImmediate()
  expect([first, second]).toEqual([5, 0])
})

test('where no other processor could answer, it sleeps', async () => {
  expect(await asked(quickAnswers(1), [0, 7, 'late'])).toEqual([0, 0, 0])
})
