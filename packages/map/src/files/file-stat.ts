import { lstatSync, statSync, type BigIntStats } from 'node:fs'
import { unlessExpected } from './expected-fault.ts'

/** What stays as it is for as long as neither a file nor its sidecar is changed, and when the last change was, in milliseconds. */
export type FileStat = { mark: string; changedAt: number }

const LOOK = { bigint: true, throwIfNoEntry: false } as const

/**
 * Undefined where one of them has gone meanwhile, or nobody may look at it. Synchronous, because a promise for each file
 * would cost more than the call.
 */
export function statOf({ absolute, sidecar }: { absolute: string; sidecar?: string }): FileStat | undefined {
  const own = markOf(() => lstatSync(absolute, LOOK))
  if (own === undefined || sidecar === undefined) return own
  const beside = markOf(() => lstatSync(sidecar, LOOK))
  return beside && { mark: `${own.mark}, ${beside.mark}`, changedAt: Math.max(own.changedAt, beside.changedAt) }
}

/** Of a folder: its mark stays as it is for as long as nothing in it comes, goes or becomes something else. */
export const folderStat = (absolute: string): FileStat | undefined => markOf(() => statSync(absolute, LOOK))

function markOf(look: () => BigIntStats | undefined): FileStat | undefined {
  const stat = unlessExpected(look)
  if (stat === undefined) return undefined
  const { ino, size, mtimeNs, ctimeNs, ctimeMs } = stat
  return { mark: `${ino} ${size} ${mtimeNs} ${ctimeNs}`, changedAt: Number(ctimeMs) }
}
