import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Range = { startOffset: number; endOffset: number; count: number }
type Dump = { result: { url: string; functions: { ranges: Range[] }[] }[] }

export type Place = { line: number; column: number }
export type Span = { start: Place; end: Place }
/** What a test run knows of one file, in the form of the istanbul tools. */
export type FileCoverage = {
  path: string
  statementMap: Record<string, Span>
  s: Record<string, number>
  branchMap: Record<string, { type: string; locations: { start: Partial<Place>; end: Partial<Place> }[] }>
  b: Record<string, number[]>
}

/** How often each offset of a file was run by one process. Node blanks types where they stand, so offsets are those of the source. */
type CountAt = (offset: number) => number

/** Every process's counts for each source file, from the folder that NODE_V8_COVERAGE named for them. */
export function spawnedCounts(folder: string): Map<string, CountAt[]> {
  const counts = new Map<string, CountAt[]>()
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Dump
    for (const { url, functions } of result) {
      if (!url.startsWith('file:') || !url.endsWith('.ts')) continue
      const path = fileURLToPath(url)
      counts.set(path, [...(counts.get(path) ?? []), countAtOf(functions.flatMap(({ ranges }) => ranges))])
    }
  }
  return counts
}

/** The innermost range tells the count. */
const countAtOf =
  (ranges: readonly Range[]): CountAt =>
  (offset) => {
    const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset)
    return around.toSorted((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset))[0]?.count ?? 0
  }

/** Adds what spawned processes ran of a file to what the test run knows of it. */
export function addSpawned(file: FileCoverage, counts: readonly CountAt[], text: string): FileCoverage {
  const offsetOf = offsetsOf(text)
  const total = (place: Partial<Place>): number => {
    const offset = offsetOf(place)
    return offset === undefined ? 0 : counts.reduce((sum, countAt) => sum + countAt(offset), 0)
  }
  const s = Object.fromEntries(
    Object.entries(file.statementMap).map(([id, { start }]) => [id, (file.s[id] ?? 0) + total(start)]),
  )
  const b = Object.fromEntries(
    Object.entries(file.branchMap).map(([id, { locations }]) => {
      const own = locations.map(({ start }) => total(start))
      // The else that is not written: run whenever the whole was and its then was not.
      const whole = Math.max(0, ...own)
      const hits = own.map((count, index) =>
        locations[index]?.start.line === undefined ? Math.max(0, whole - (own[0] ?? 0)) : count,
      )
      return [id, hits.map((count, index) => (file.b[id]?.[index] ?? 0) + count)]
    }),
  )
  return { ...file, s, b }
}

function offsetsOf(text: string): (place: Partial<Place>) => number | undefined {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return ({ line, column }) => {
    const start = line === undefined ? undefined : starts[line - 1]
    return start === undefined ? undefined : start + (column ?? 0)
  }
}
