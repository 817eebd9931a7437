import { lstatSync } from 'node:fs'

/** What stays as it is for as long as neither a file nor its sidecar is changed, and when the last change was, in milliseconds. */
export type FileStat = { mark: string; changedAt: number }

/** Undefined where one of them has gone meanwhile. Synchronous, because a promise for each file would cost more than the call. */
export function statOf({ absolute, sidecar }: { absolute: string; sidecar?: string }): FileStat | undefined {
  const own = statAt(absolute)
  if (own === undefined || sidecar === undefined) return own
  const beside = statAt(sidecar)
  return beside && { mark: `${own.mark}, ${beside.mark}`, changedAt: Math.max(own.changedAt, beside.changedAt) }
}

function statAt(path: string): FileStat | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const { ino, size, mtimeNs, ctimeNs, ctimeMs } = stat
  return { mark: `${ino} ${size} ${mtimeNs} ${ctimeNs}`, changedAt: Number(ctimeMs) }
}
