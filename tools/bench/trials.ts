/** One thing that is measured: it tells how many milliseconds a trial took, and how much memory if that is known. */
export type Subject = { name: string; trial: () => Promise<Sample> }
export type Sample = { ms: number; memoryBytes?: number }
export type Measured = { name: string; samples: Sample[] }

/** Measures its subjects, with a folder of its own for what it needs on disk. */
export type Bench = (folder: string, size: { trials: number; quick: boolean }) => Promise<Measured[]>

/** Measures subjects in turns (A B A B …), so that what else the machine does falls on all of them. */
export async function interleaved(subjects: readonly Subject[], trials: number): Promise<Measured[]> {
  const measured = subjects.map(({ name }): Measured => ({ name, samples: [] }))
  for (let trial = 0; trial < trials; trial += 1)
    for (const [index, subject] of subjects.entries()) measured[index]?.samples.push(await subject.trial())
  return measured
}

/** A trial that is timed as a whole. */
export const timed =
  (work: () => Promise<unknown>): Subject['trial'] =>
  async () => {
    const began = performance.now()
    await work()
    return { ms: performance.now() - began }
  }

/** The smallest number that so large a share of all are not above. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1] ?? 0, sorted[Math.floor(sorted.length / 2)] ?? 0]
  return (low + high) / 2
}
