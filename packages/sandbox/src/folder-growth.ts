import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '@tenon/contract'
import type { Verdict } from './end-report.ts'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { megabytes, type Bounds } from './limits.ts'

/** A walk may use at most this part of the time between two walks. */
const SHARE = 10

/** Watches how much folders have grown since the start. */
export function folderGrowth(world: World, folders: readonly string[], { diskMb }: Pick<Bounds, 'diskMb'>) {
  let atStart: number | undefined
  let notBefore = 0
  return async (): Promise<Verdict | undefined> => {
    const startedAt = world.monotonic()
    if (folders.length === 0 || startedAt < notBefore) return undefined
    const bytes = (await Promise.all(folders.map(bytesIn))).reduce((a, b) => a + b, 0)
    const endedAt = world.monotonic()
    notBefore = endedAt + (endedAt - startedAt) * SHARE
    atStart ??= bytes
    const grown = bytes - atStart
    if (grown <= megabytes(diskMb)) return undefined
    return { reason: 'disk', message: `it wrote more than its ${diskMb} MiB`, evidence: { grownBytes: grown } }
  }
}

/** What the files of a tree occupy; what vanishes while it is walked counts nothing. */
async function bytesIn(path: string): Promise<number> {
  const facts = await unlessFault(lstat(path), ABSENT, undefined)
  if (facts === undefined) return 0
  if (!facts.isDirectory()) return facts.blocks * 512
  let bytes = 0
  for (const name of await unlessFault(readdir(path), ABSENT, [])) bytes += await bytesIn(join(path, name))
  return bytes
}
