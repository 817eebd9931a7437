import { numberFlag, switchFlag, textsFlag } from '../command.ts'
import { isolationFlag } from './isolation-flag.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export type SandboxFlags = LocationFlags & {
  grant?: string[]
  isolation?: string
  memoryMb?: number
  cpu?: number
  processes?: number
  diskMb?: number
  ioMbPerSec?: number
  wallMs?: number
  explain: boolean
}

export const sandboxFlags = {
  ...locationFlags,
  grant: textsFlag('A capability of files, environment or the outside to grant; may be given again'),
  isolation: isolationFlag,
  memoryMb: numberFlag('How much memory it may hold'),
  cpu: numberFlag('How many processors it may use, such as 0.5'),
  processes: numberFlag('How many processes it may have'),
  diskMb: numberFlag('How much it may write'),
  ioMbPerSec: numberFlag('How many MiB a second it may move to and from disks'),
  wallMs: numberFlag('How long it may take'),
  explain: switchFlag('Say what it would see and might use, and run nothing'),
}
