/** What was seen of a process tree at one instant. */
export type Sample = {
  memoryBytes: number
  cpuMs: number
  tasks: number
  /** Processes that the kernel killed for memory, and forks that it refused: counted by cgroups only. */
  oomKills: number
  forksRefused: number
  /** How often it was held back for having used its share of the processors up. */
  throttles: number
}

export const NOTHING_SEEN: Sample = { memoryBytes: 0, cpuMs: 0, tasks: 0, oomKills: 0, forksRefused: 0, throttles: 0 }

/** Measures a running tree: by its cgroups where there are some, else by walking its processes. */
export type Meter = { sample(): Promise<Sample> }
