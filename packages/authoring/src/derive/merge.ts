import { diff3Merge } from 'node-diff3'
import { readFences } from '../fences/fence.ts'

/** Lines that the author and a template both changed: as they are, as the template had them, as it has them now. */
export type Hunk = { line: number; ours: string[]; base: string[]; theirs: string[] }

export type Merged = { text: string; hunks: Hunk[] }

/**
 * What a file becomes that was written by one template, then edited, and is now to be as another template writes it.
 * What is inside fences takes no part, and stays as it is in `ours`. With hunks the text is `ours`.
 */
export function merge({ base, ours, theirs }: { base: string; ours: string; theirs: string }): Merged {
  const [left, origin, right] = [ours, base, theirs].map(masked) as [Masked, Masked, Masked]
  const regions = diff3Merge(left.lines, origin.lines, right.lines)
  const hunks = regions.flatMap(({ conflict }) =>
    conflict === undefined
      ? []
      : { line: left.lineOf(conflict.aIndex), ours: conflict.a, base: conflict.o, theirs: conflict.b },
  )
  if (hunks.length > 0) return { text: ours, hunks }
  const lines = regions.flatMap(({ ok = [] }) => ok)
  const fences = new Map([...right.fences, ...left.fences])
  return { text: lines.map((line) => fences.get(line) ?? line).join('\n'), hunks }
}

/** Lines in which each fence is one that nobody writes, the fences by those lines, and where a line stood. */
type Masked = { lines: string[]; fences: [line: string, text: string][]; lineOf(index: number): number }

function masked(text: string): Masked {
  const lines = text.split('\n')
  const fences = readFences(text).fences.toSorted((one, other) => one.from - other.from)
  const inside = (index: number): boolean => fences.some(({ from, to }) => index > from && index <= to)
  const kept = lines
    .entries()
    .filter(([index]) => !inside(index))
    .toArray()
  return {
    lines: kept.map(([index, line]) => {
      const fence = fences.find(({ from }) => from === index)
      return fence === undefined ? line : mask(fence.id)
    }),
    fences: fences.map(({ id, from, to }) => [mask(id), lines.slice(from, to + 1).join('\n')]),
    lineOf: (index) => (kept[index]?.[0] ?? lines.length) + 1,
  }
}

const mask = (id: string): string => `\0fence ${id}`
