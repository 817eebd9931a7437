import type { GuestFile } from './profile.ts'
import { megabytes, type Bounds } from './limits.ts'

/** The kernel's numbers of them. */
export const RLIMIT = { fileBytes: 1, core: 4, tasks: 6, files: 7, addressBytes: 9 } as const

/** How many files a process may have open. */
export const OPEN_FILES = 256
/** Node reserves far more addresses than it uses; this only stops what the poller would be too slow for. */
const ADDRESS_MB = 8_192

/** The limits that a process is started with, by number. */
export function resourceLimits(
  { diskMb, memoryMb }: Bounds,
  files: readonly GuestFile[],
  { isMemoryBounded }: { isMemoryBounded: boolean },
): Map<number, number> {
  const handedIn = files.reduce((sum, { bytes }) => sum + bytes.length, 0)
  return new Map<number, number>([
    [RLIMIT.fileBytes, megabytes(diskMb) + handedIn],
    [RLIMIT.core, 0],
    [RLIMIT.files, OPEN_FILES],
    ...(isMemoryBounded ? [] : ([[RLIMIT.addressBytes, megabytes(ADDRESS_MB + memoryMb)]] as const)),
  ])
}
