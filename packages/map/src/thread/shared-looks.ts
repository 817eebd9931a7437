import type { KnownFolder } from '../files/listing.ts'
import { lookAtKnown, type KnownTree, type SeenIn } from '../files/looks.ts'

/** Known folders of a root, and how each of them and each file in it looks: in two threads, by the one that looks first. */
export type SharedLooks = Pick<KnownTree, 'root' | 'search'> & {
  folders: readonly (readonly [path: string, known: KnownFolder])[]
  /** Of each folder whether it was looked at, and of each file in it, in their order, whether it looks as it did. */
  states: Uint8Array<SharedArrayBuffer>
}

const [UNSEEN, SAME, OTHER] = [0, 1, 2]

export function sharedLooks({ root, search, folders: known }: KnownTree): SharedLooks {
  const folders = [...known]
  const size = folders.reduce((sum, [, folder]) => sum + roomFor(folder), 0)
  return { root, search, folders, states: new Uint8Array(new SharedArrayBuffer(size)) }
}

/** For a folder and more files than have their names in so long a text, of which each takes five characters. */
const roomFor = ({ names }: KnownFolder): number => 2 + Math.floor(names.length / 5)

const placesIn = ({ folders }: SharedLooks): number[] => {
  let end = 0
  return folders.map(([, folder]) => (end += roomFor(folder)) - roomFor(folder))
}

/** Looks at those at which nobody has looked yet, the last one first, as the other thread comes from the first. */
export function lookAtUnseen(looks: SharedLooks): void {
  const { folders, states } = looks
  const places = placesIn(looks)
  for (const [index, [path, known]] of [...folders.entries()].toReversed()) {
    const place = places[index] ?? 0
    if (Atomics.load(states, place) !== UNSEEN) continue
    const seen = lookAtKnown(looks, path, known)
    states.set(seen?.map((isSame) => (isSame ? SAME : OTHER)) ?? [], place + 1)
    Atomics.store(states, place, seen === undefined ? OTHER : SAME)
  }
}

/** Goes by what the other thread has seen, and keeps it from looking where this one is about to. */
export function seenIn(looks: SharedLooks): SeenIn {
  const { folders, states } = looks
  const starts = placesIn(looks)
  const places = new Map(folders.map(([path], index) => [path, starts[index] ?? 0]))
  return (folder) => {
    const place = places.get(folder)
    if (place === undefined) return undefined
    if (Atomics.load(states, place) === SAME) return (file) => states[place + 1 + file] === SAME
    Atomics.store(states, place, OTHER)
    return undefined
  }
}
