import { expect, test } from 'vitest'
import { duration, table } from './table.ts'
import { interleaved, median, percentile } from './trials.ts'

test('a table shows what was measured and how it compares', () => {
  const slow = { name: 'ours', samples: [{ ms: 30, memoryBytes: 3e7 }, { ms: 20 }, { ms: 1_250 }] }
  const fast = { name: 'plain', samples: [{ ms: 0.5 }, { ms: 10 }, { ms: 20 }] }
  expect(table([{ bench: 'start-up', measured: [slow, fast] }])).toBe(
    `
|              | median |    p99 |    min |    max | memory | trials | against |
| ------------ | -----: | -----: | -----: | -----: | -----: | -----: | ------: |
| **start-up** |        |        |        |        |        |        |         |
| ours         |  30 ms | 1.25 s |  20 ms | 1.25 s |  29 MB |      3 |         |
| plain        |  10 ms |  20 ms | 500 µs |  20 ms |        |      3 |   3.0 × |`.trim(),
  )
})

test('durations have three digits that count', () => {
  expect([0.0123456, 0.9, 12.3456, 999.9, 61_234].map(duration)).toEqual([
    '12.3 µs',
    '900 µs',
    '12.3 ms',
    '1000 ms',
    '61.2 s',
  ])
})

test('the median of an even count lies in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7])
})

test('a percentile is one of the numbers', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([percentile(hundred, 0.99), percentile(hundred, 0.5), percentile([7], 0.99)]).toEqual([99, 50, 7])
})

test('subjects take turns', async () => {
  const seen: string[] = []
  const subject = (name: string) => ({ name, trial: async () => ({ ms: seen.push(name) }) })
  const measured = await interleaved([subject('a'), subject('b')], 2)
  expect(seen).toEqual(['a', 'b', 'a', 'b'])
  expect(measured).toEqual([
    { name: 'a', samples: [{ ms: 1 }, { ms: 3 }] },
    { name: 'b', samples: [{ ms: 2 }, { ms: 4 }] },
  ])
})
