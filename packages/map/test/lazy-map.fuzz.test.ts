import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LazyMap } from '../src/lazy-map.ts'

/** More rows than are read one by one. */
const ROWS = new Map(Array.from({ length: 1_200 }, (_, at): [string, { at: number }] => [`${at}.md`, { at }]))

const reading = () => {
  const asked = { single: 0, all: 0 }
  const rows = new LazyMap({
    count: () => ROWS.size,
    paths: () => ROWS.keys(),
    at: (path) => {
      asked.single += 1
      return ROWS.has(path) ? { ...ROWS.get(path) } : undefined
    },
    all: () => {
      asked.all += 1
      return [...ROWS].map(([path, row]) => [path, { ...row }] as const)
    },
  })
  return { rows, asked }
}

type Question = (rows: ReadonlyMap<string, unknown>) => unknown

const path = fc.integer({ min: -3, max: 1_203 }).map((at) => `${at}.md`)
const question: fc.Arbitrary<Question> = fc.oneof(
  {
    weight: 8,
    arbitrary: path.map(
      (one): Question =>
        (rows) =>
          rows.get(one),
    ),
  },
  {
    weight: 2,
    arbitrary: path.map(
      (one): Question =>
        (rows) =>
          rows.has(one),
    ),
  },
  fc.constantFrom<Question>(
    (rows) => rows.size,
    (rows) => [...rows.keys()],
    (rows) => [...rows.values()],
    (rows) => [...rows],
    (rows) => [...ROWS.keys()].map((one) => rows.get(one)),
    (rows) => {
      const seen: unknown[] = []
      rows.forEach((row, at) => void seen.push([at, row]))
      return seen
    },
  ),
)

test('rows that are read when they are asked for answer as a map of them does', () => {
  fc.assert(
    fc.property(fc.array(question, { maxLength: 30 }), (questions) => {
      const { rows } = reading()
      for (const ask of questions) expect(ask(rows)).toEqual(ask(ROWS))
    }),
    { numRuns: 100 },
  )
})

test('a row that is asked for again is the same object, however it was read', () => {
  const { rows } = reading()
  const early = rows.get('7.md')
  const all = [...rows.values()]
  expect(all[7]).toBe(early)
  expect(rows.get('8.md')).toBe(all[8])
})

test('few rows are read one by one and many at once, each of them once', () => {
  const { rows, asked } = reading()
  for (const one of ['1.md', '2.md', '1.md', 'none.md', 'none.md']) rows.get(one)
  expect(asked).toEqual({ single: 3, all: 0 })
  for (const one of [...ROWS.keys(), 'none.md']) rows.get(one)
  expect(asked).toEqual({ single: 1_000, all: 1 })
})
