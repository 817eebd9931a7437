import type { FileCoverage } from './spawned.ts'

/** Covered and all, of lines and of branches. */
export type Summary = { lines: [covered: number, all: number]; branches: [covered: number, all: number] }

export function summaryOf(files: readonly FileCoverage[]): Summary {
  const sum: Summary = { lines: [0, 0], branches: [0, 0] }
  for (const { statementMap, s, b } of files) {
    const lines = new Map<number, boolean>()
    for (const [id, { start }] of Object.entries(statementMap))
      lines.set(start.line, (lines.get(start.line) ?? false) || (s[id] ?? 0) > 0)
    const branches = Object.values(b).flat()
    sum.lines[0] += [...lines.values()].filter(Boolean).length
    sum.lines[1] += lines.size
    sum.branches[0] += branches.filter((count) => count > 0).length
    sum.branches[1] += branches.length
  }
  return sum
}

export const percent = ([covered, all]: [number, number]): number => (all === 0 ? 100 : (100 * covered) / all)
