import { limits } from '@tenon/contract'

/** Bounds of one plugin or job. Where one is missing, the platform's own bound applies; wall time is unbounded for plugins. */
export type Limits = {
  memoryMb?: number
  /** Share of processors: 0.5 is half of one. */
  cpu?: number
  /** Processor time of the whole tree, after which it ends. */
  cpuMs?: number
  processes?: number
  /** Bytes of the private /tmp, and how much the writable mounts may grow. */
  diskMb?: number
  /** How much may go to and come from disks in a second, in MiB. */
  ioMbPerSec?: number
  wallMs?: number
  logBytes?: number
}

export type Bounds = Required<Limits> & { tasks: number }

/** Threads that the profile and an idle interpreter need themselves; the kernel counts threads, people count processes. */
const OWN_TASKS = 16

/** What a timer can hold, some 24 days. */
const TIMER_MAX_MS = 2 ** 31 - 1

export function boundsOf(given: Limits): Bounds {
  const processes = given.processes ?? limits.processesDefault
  return {
    memoryMb: given.memoryMb ?? limits.memoryMbDefault,
    cpu: given.cpu ?? 1,
    cpuMs: given.cpuMs ?? Number.POSITIVE_INFINITY,
    processes,
    tasks: processes + OWN_TASKS,
    diskMb: given.diskMb ?? limits.diskMbDefault,
    ioMbPerSec: given.ioMbPerSec ?? Number.POSITIVE_INFINITY,
    wallMs: given.wallMs === undefined ? Number.POSITIVE_INFINITY : Math.min(given.wallMs, TIMER_MAX_MS),
    logBytes: given.logBytes ?? limits.pluginLogBytes,
  }
}

export const megabytes = (count: number): number => count * 1_048_576
