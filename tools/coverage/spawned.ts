import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { consequentsOf } from './consequents.ts'

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
  if (counts.length === 0) return file
  const offsetOf = offsetsOf(text)
  const consequents = consequentsOf(text)
  const totalAt = (offset: number | undefined): number =>
    offset === undefined ? 0 : counts.reduce((sum, countAt) => sum + countAt(offset), 0)
  const total = (place: Partial<Place>): number => totalAt(offsetOf(place))
  const s = Object.fromEntries(
    Object.entries(file.statementMap).map(([id, { start }]) => [id, (file.s[id] ?? 0) + total(start)]),
  )
  const b = Object.fromEntries(
    Object.entries(file.branchMap).map(([id, { type, locations }]) => {
      const own = type === 'if' ? armsOf(locations[0]?.start ?? {}) : locations.map(({ start }) => total(start))
      return [id, own.map((count, index) => (file.b[id]?.[index] ?? 0) + count)]
    }),
  )
  return { ...file, s, b }

  /** The first place of an `if` is the whole of it; an else that is not written has none. */
  function armsOf(place: Partial<Place>): number[] {
    const offset = offsetOf(place)
    const taken = totalAt(offset === undefined ? undefined : consequents.get(offset))
    return [taken, totalAt(offset) - taken]
  }
}

function offsetsOf(text: string): (place: Partial<Place>) => number | undefined {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return ({ line, column }) => {
    const start = line === undefined ? undefined : starts[line - 1]
    return start === undefined ? undefined : start + (column ?? 0)
  }
}
