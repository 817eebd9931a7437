import { join, sep } from 'node:path'
import { statOf, type FileStat } from '../files/file-stat.ts'
import { SIDECAR, stemOf, type FoundFile } from '../files/listing.ts'

/** Known files of one folder, and of each whether it looks as it did: in two threads, by the one that looks first. */
export type SharedLooks = {
  folder: string
  /** Relative to the folder. */
  paths: readonly string[]
  marks: readonly string[]
  states: Uint8Array<SharedArrayBuffer>
}

const [UNSEEN, SAME, OTHER] = [0, 1, 2]

/** A file that has a sidecar is known by how both look. */
const hasSidecar = (mark: string): boolean => mark.includes(',')

/** Looks at those at which nobody has looked yet. */
export function lookAtUnseen({ folder, paths, marks, states }: SharedLooks): void {
  const place = join(folder, sep)
  for (const [at, path] of paths.entries()) {
    if (Atomics.load(states, at) !== UNSEEN) continue
    const absolute = place + path
    const mark = marks[at] ?? ''
    const stat = statOf({ absolute, ...(hasSidecar(mark) && { sidecar: `${stemOf(absolute)}${SIDECAR}` }) })
    Atomics.store(states, at, stat?.mark === mark ? SAME : OTHER)
  }
}

/** How a file looks, by what has been seen of it or by looking at it now. */
export type Looker = (file: FoundFile) => FileStat | undefined

/** Goes by what the other thread has seen, and keeps it from looking where this one has. */
export function sharedLooker({ paths, marks, states }: SharedLooks): Looker {
  const places = new Map(paths.map((path, at) => [path, at]))
  return (file) => {
    const at = places.get(file.path)
    if (at === undefined) return statOf(file)
    const mark = marks[at] ?? ''
    const isAsKnown = Atomics.load(states, at) === SAME && hasSidecar(mark) === (file.sidecar !== undefined)
    // What has a mark had not changed for a while when it was made.
    if (isAsKnown) return { mark, changedAt: 0 }
    Atomics.store(states, at, OTHER)
    return statOf(file)
  }
}
