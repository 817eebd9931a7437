import { lstatSync } from 'node:fs'

/** What stays as it is for as long as neither a file nor its sidecar is changed, and when the last change was, in milliseconds. */
export type FileStat = { mark: string; changedAt: number }

/** Undefined where one of them has gone meanwhile. Synchronous, because a promise for each file would cost more than the call. */
export function statOf({ absolute, sidecar }: { absolute: string; sidecar?: string }): FileStat | undefined {
  const stats = [absolute, ...(sidecar === undefined ? [] : [sidecar])].map((path) =>
    lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  )
  if (stats.includes(undefined)) return undefined
  const known = stats.filter((stat) => stat !== undefined)
  return {
    mark: known.map(({ ino, size, mtimeNs, ctimeNs }) => [ino, size, mtimeNs, ctimeNs].join(' ')).join(', '),
    changedAt: Math.max(...known.map(({ ctimeMs }) => Number(ctimeMs))),
  }
}
