import { nodeDisk } from '@tenon/bundle'
import type { Disk } from '@tenon/contract'

export { nodeDisk }

/** What a killed process would have done next never happens. */
export class Killed extends Error {}

const DURABLE_STEPS = ['write', 'writeNew', 'flush', 'rename', 'makeFolder', 'makeLink', 'remove'] as const

/** A disk that dies at the n-th durable step (0-based), half-way through it where that can be. `steps` counts them. */
export function killingDisk(disk: Disk, killAt: number): Disk & { steps(): number } {
  let step = 0
  const dying = { ...disk, steps: () => step }
  for (const name of DURABLE_STEPS)
    dying[name] = (async (...args: never[]) => {
      const mine = step++
      if (mine > killAt) throw new Killed(`${name} after the kill`)
      if (mine === killAt) {
        if (name === 'write') await halfWrite(disk, ...(args as unknown as [string, Uint8Array, number?]))
        throw new Killed(`killed at step ${mine}: ${name}`)
      }
      return (disk[name] as (...args: never[]) => Promise<void>)(...args)
    }) as never
  return dying
}

const halfWrite = (disk: Disk, path: string, bytes: Uint8Array, mode?: number): Promise<void> =>
  disk.write(path, bytes.subarray(0, Math.floor(bytes.length / 2)), mode)
