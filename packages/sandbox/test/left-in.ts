import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { commandOf } from './sandboxed.ts'

/** What a process leaves in a state folder and among the processes. */
export function leftIn(stateDir: string): string[] {
  const rooms = readdirSync(stateDir).includes('rooms') ? readdirSync(join(stateDir, 'rooms')) : []
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(stateDir))
  return [...rooms, ...processes]
}
