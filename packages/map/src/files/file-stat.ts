import { lstatSync, statSync, type Stats } from 'node:fs'
import { unlessExpected } from './expected-fault.ts'

/**
 * What stays as it is for as long as neither a file nor its sidecar is changed: the number of its inode, its bytes, and
 * when it was written and changed, in milliseconds since 1970; then the same of its sidecar, if it has one.
 */
export type Look = readonly number[]

/** How a file looks, or a folder, and when the last change was, in milliseconds since 1970. */
export type FileStat = { look: Look; changedAt: number }

type Place = { absolute: string; sidecar?: string }

const QUIET = { throwIfNoEntry: false } as const

/**
 * Undefined where one of them has gone meanwhile, or nobody may look at it. Synchronous, because a promise for each file
 * would cost more than the call.
 */
export function statOf({ absolute, sidecar }: Place): FileStat | undefined {
  const own = seen(statAt(absolute))
  if (own === undefined || sidecar === undefined) return own
  const beside = seen(statAt(sidecar))
  return beside && { look: [...own.look, ...beside.look], changedAt: Math.max(own.changedAt, beside.changedAt) }
}

/** Whether a file looks like this still. */
export function looksLike({ absolute, sidecar }: Place, look: Look): boolean {
  if (look.length !== (sidecar === undefined ? LOOK_LENGTH : 2 * LOOK_LENGTH)) return false
  return isSeen(statAt(absolute), look, 0) && (sidecar === undefined || isSeen(statAt(sidecar), look, LOOK_LENGTH))
}

/** Of a folder: it looks the same for as long as nothing in it comes, goes or becomes something else. */
export const folderStat = (absolute: string): FileStat | undefined =>
  seen(unlessExpected(() => statSync(absolute, QUIET)))

const statAt = (absolute: string): Stats | undefined => unlessExpected(() => lstatSync(absolute, QUIET))

const LOOK_LENGTH = 4

const seen = (stat: Stats | undefined): FileStat | undefined =>
  stat && { look: [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs], changedAt: stat.ctimeMs }

/** As `seen`, of which nothing is made here: this is asked of every file. */
const isSeen = (stat: Stats | undefined, look: Look, at: number): boolean =>
  stat !== undefined &&
  look[at] === stat.ino &&
  look[at + 1] === stat.size &&
  look[at + 2] === stat.mtimeMs &&
  look[at + 3] === stat.ctimeMs
