/** The candidate a misspelt word was meant to be, or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const furthest = Math.max(1, Math.floor(word.length / 3))
  const [best] = candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= furthest)
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= furthest ? best.candidate : undefined
}

/** How many letters have to be added, dropped, changed or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)]
  const cost = (of: number[], at: number): number => of[at] ?? Infinity
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = cost(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwap ? cost(before, j - 2) + 1 : Infinity
      next.push(Math.min(change, swap, cost(row, j) + 1, cost(next, j - 1) + 1))
    }
    ;[before, row] = [row, next]
  }
  return cost(row, b.length)
}
